import { type Connection, type PoolClient, Query } from 'pg'
import type { Row } from './database.ts'
import type { Parameter } from './parameter.ts'

/** A statement that the session has prepared under `name`. */
export interface PreparedStatement {
  readonly name: string
  readonly values: readonly Parameter[]
  /** Makes a row of the texts of its columns. */
  readonly readRow: (texts: readonly (string | null)[]) => Row
}

/**
 * Runs the statements in order, with a single Sync behind the last: all of them are one transaction, which that Sync commits, or rolls back after one that
 * failed. Resolves with the rows of each once it is committed; rejects with the first error. `pg` by itself puts a Sync behind each statement, and
 * Postgres answers each Sync with a write of its own, which wakes this process.
 */
export function runPrepared(
  client: Pick<PoolClient, 'query'>,
  statements: readonly PreparedStatement[],
): Promise<readonly (readonly Row[])[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly (readonly Row[])[]>()
  client.query(new PreparedRun(statements, resolve, reject))
  return promise
}

/** What `pg` calls as the answers come; its pipeline takes nothing but a `Query`. How rows are to be read is known, so they are not described again. */
class PreparedRun extends Query {
  /** Set by `pg` where the connection string has a `query_timeout`: to call it ends that. */
  declare callback?: () => void
  readonly #statements: readonly PreparedStatement[]
  readonly #resolve: (rows: readonly (readonly Row[])[]) => void
  readonly #reject: (error: unknown) => void
  readonly #rows: Row[][]
  /** Which statement is being answered. */
  #nth = 0
  #unreadable: unknown

  constructor(
    statements: readonly PreparedStatement[],
    resolve: (rows: readonly (readonly Row[])[]) => void,
    reject: (error: unknown) => void,
  ) {
    super('')
    this.#statements = statements
    this.#resolve = resolve
    this.#reject = reject
    this.#rows = statements.map(() => [])
  }

  override submit = (connection: Connection): void => {
    const { stream } = connection
    stream.cork()
    try {
      for (const { name, values } of this.#statements) {
        connection.bind({ statement: name, values: values.map(onTheWire) }, true)
        connection.execute(null, true)
      }
      connection.sync()
    } finally {
      stream.uncork()
    }
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const statement = this.#statements[this.#nth]
    if (statement === undefined || this.#unreadable !== undefined) return
    try {
      this.#rows[this.#nth]?.push(statement.readRow(fields))
    } catch (error) {
      this.#unreadable = error
    }
  }

  handleCommandComplete(): void {
    this.#nth++
  }

  handleReadyForQuery(): void {
    this.callback?.()
    if (this.#unreadable === undefined) this.#resolve(this.#rows)
    else this.#reject(this.#unreadable)
  }

  handleError(error: unknown): void {
    this.callback?.()
    this.#reject(error)
  }
}

/** `pg` takes a Buffer for bytes. */
function onTheWire(value: Parameter): string | Buffer | null {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value
}
