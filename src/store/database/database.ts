/**
 * The port to Postgres, real or embedded. A driver runs whole transactions that are given to it as lists: it offers no callback between two
 * statements, so no transaction ever waits for this process while it holds a lock.
 */

/** One prepared statement: `name` is unique to `text` and is prepared once per session. */
export interface Statement {
  readonly name: string
  readonly text: string
  readonly values: readonly unknown[]
}

export type Row = Readonly<Record<string, unknown>>

/** Transactions of one pipeline run one after the other. It is a mere token. */
export type Pipeline = object

/**
 * Row values come back alike from every driver: bigint columns as `bigint`, int as `number`, timestamptz as `Date`, json as parsed JSON,
 * arrays as arrays, uuid and text as `string`.
 */
export interface Database {
  /**
   * Runs the statements in order in one read-committed transaction and resolves with the rows of each once it is committed. The whole list
   * leaves in one flush. Rejects with `StatementError` when a statement failed (nothing was written), or with `UnavailableError` when the
   * database could not be asked or the answer was lost: then the transaction may or may not have been committed.
   *
   * While a transaction of a pipeline is under way, the next one of it runs after it, whatever becomes of that one, and has a time for its answer of its own. It
   * is sent at once as a rule.
   */
  commit(statements: readonly Statement[], pipeline?: Pipeline): Promise<readonly (readonly Row[])[]>
  /** How many commits are worth having under way at once: any more would only wait for these. */
  readonly writers: number
  /** Runs the statements in order in one read-only snapshot (repeatable read). Rejects as `commit` does. */
  read(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]>
  /** Brings the schema up to date; safe to call from several nodes at once. Rejects with `UnavailableError` when it cannot be reached. */
  migrate(): Promise<void>
  /** Resolves when a statement gets an answer. Rejects with `UnavailableError`. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** A statement was refused by the database. `sqlState` is the five-character SQLSTATE. */
export class StatementError extends Error {
  override readonly name = 'StatementError'
  readonly sqlState: string

  constructor(sqlState: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.sqlState = sqlState
  }
}

/** The database cannot be asked now: away, restarting, timed out, or its queue is full. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
  /** It was asked and said nothing for as long as is waited: whoever waits behind would only wait as long again. */
  readonly silent: boolean
  /** The database says that nothing was written. */
  readonly undone: boolean

  constructor(message: string, { silent = false, undone = false, ...options }: UnavailableOptions = {}) {
    super(message, options)
    this.silent = silent
    this.undone = undone
  }
}

interface UnavailableOptions extends ErrorOptions {
  readonly silent?: boolean
  readonly undone?: boolean
}
