import { type PGlite, protocol } from '@electric-sql/pglite'
import { APPLICATION_ROLE, LOWER_SESSION, SESSION_STANDING } from './application-role.ts'
import { type Row, UnavailableError } from './database.ts'
import type { Parameter } from './parameter.ts'
import type { Rows } from './pglite-messages.ts'
import { createReplyReader, type Outcome } from './pglite-reply.ts'
import { PLAN_ONCE } from './plan-once.ts'
import { failureOf } from './sql-state.ts'
import type { EncodedStatement } from './statement-encoder.ts'

const { serialize } = protocol

/** The one session that an embedded Postgres has. Any error other than the port's two is the end of it. */
export interface PgliteSession {
  /** Runs one transaction in one go. Before the schema is there it is unavailable. */
  transaction(kind: 'commit' | 'read', statements: readonly EncodedStatement[]): Promise<Rows>
  /** Lets `task` work as the owner of the schema, and lowers the session again whatever comes of it. */
  asOwner<Result>(task: (query: (sql: string) => Promise<readonly Row[]>) => Promise<Result>): Promise<Result>
}

const BEGIN = {
  commit: 'BEGIN',
  read: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
} as const

export async function createPgliteSession(database: PGlite): Promise<PgliteSession> {
  /** Names of the statements that the session has prepared. */
  const prepared = new Set<string>()
  let lowered = false

  async function run(messages: readonly Uint8Array[]): Promise<Outcome> {
    const reader = createReplyReader()
    // The raw stream: every other way keeps a copy of all it ever received.
    await database.execProtocolRawStream(Buffer.concat(messages), { syncToFs: false, onRawData: reader.take })
    return reader.end()
  }

  async function query(sql: string): Promise<readonly Row[]> {
    const { results, error } = await run([serialize.query(sql)])
    if (error !== undefined) throw failureOf(error)
    return results.at(-1) ?? []
  }

  async function lower(): Promise<void> {
    const [standing] = await query(SESSION_STANDING)
    if (standing?.['privileged'] === true && standing['role_exists'] !== true) return
    await query(LOWER_SESSION)
    lowered = true
  }

  async function undo(fresh: ReadonlySet<string>): Promise<void> {
    await query('ROLLBACK')
    // Which of them got as far as being prepared is not worth knowing: to close one that is not there is no error.
    await run([...Array.from(fresh, name => serialize.close({ type: 'S', name })), serialize.sync()])
  }

  await query(PLAN_ONCE)
  await lower()
  return {
    async transaction(kind, statements) {
      if (!lowered) throw new UnavailableError(`the schema is missing: the role ${APPLICATION_ROLE} is not there yet`)
      const begin = BEGIN[kind]
      const fresh = new Set<string>()
      const execute = (name: string, text: string, values: readonly Parameter[] = []) => {
        const known = prepared.has(name) || fresh.has(name)
        if (!known) fresh.add(name)
        return execution(name, known ? undefined : text, values)
      }
      const { results, error } = await run([
        ...execute(begin, begin),
        ...statements.flatMap(({ name, text, values }) => execute(name, text, values)),
        ...execute('COMMIT', 'COMMIT'),
        // Nothing is synced before the end: after a failure Postgres skips the rest, the commit included.
        serialize.sync(),
      ])
      if (error !== undefined) {
        await undo(fresh)
        throw failureOf(error)
      }
      for (const name of fresh) prepared.add(name)
      return results.slice(1, -1)
    },
    async asOwner(task) {
      await query('RESET ROLE')
      lowered = false
      try {
        return await task(query)
      } finally {
        await lower()
      }
    },
  }
}

/** One statement of a flush; with `text`, it is prepared first. */
function execution(name: string, text: string | undefined, values: readonly Parameter[]): readonly Uint8Array[] {
  return [
    ...(text === undefined ? [] : [serialize.parse({ name, text })]),
    serialize.bind({ statement: name, values: [...values] }),
    serialize.describe({ type: 'P' }),
    serialize.execute({}),
  ]
}
