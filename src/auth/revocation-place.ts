import type { Cursor } from '../domain/position.ts'

/** A place among a tenant's revocations up to which a node has come. */
export interface RevocationPlace {
  readonly position: number
  /** Null: not known. */
  readonly mark: bigint | null
}

/** Before the first one, where all histories are the same. */
export const BEGINNING: RevocationPlace = { position: 0, mark: null }

/** Whether revocations that go as far as `head` are not those that were read up to `place`, as far as the two can tell. */
export function isOther(head: Cursor, place: RevocationPlace): boolean {
  return head.position < place.position || (head.position === place.position && hasLeft(head.mark, place))
}

/** Whether it is unproven that what has this mark at the same position is what was read up to `place`. */
export function hasLeft(mark: bigint | null, place: RevocationPlace): boolean {
  return place.position > 0 && place.mark !== null && place.mark !== mark
}
