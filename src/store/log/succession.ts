/** Transactions that come one after the other. To the database it is the token of a pipeline. */
export interface Succession {
  /** How many were given to it and not answered. */
  underWay: number
  /** Resolves when the one given last is answered. */
  last: Promise<unknown> | undefined
  /** One was refused: each of the others is sent only when the one before it is answered. */
  refused: boolean
  /** The database said nothing to one of them in all its time. */
  silent: boolean
  /** How many answers there had been, of this succession or of others, when its present transaction was alone. */
  since: number
}

export function createSuccession(): Succession {
  return { underWay: 0, last: undefined, refused: false, silent: false, since: 0 }
}
