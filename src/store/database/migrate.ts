import { CLOSED_TABLES, CREATE_ROLE, GRANT_SCHEMA, SESSION_STANDING } from './application-role.ts'
import type { Row } from './database.ts'

/** One step of the schema. Ids count 1, 2, 3 …; `sql` is any number of statements, all of which can run inside a transaction. */
export interface Migration {
  readonly id: number
  readonly name: string
  readonly sql: string
}

/** One connection as the role that owns the schema, used by nobody else meanwhile. */
export interface MigrationSession {
  /** Runs one statement, or several without parameters, and resolves with the rows of the last. */
  query(sql: string): Promise<readonly Row[]>
}

/** The database was made by a newer release: this one must not touch it. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError'
}

/** Any number that no other program on the database uses for its own advisory locks: the letters of "colloquy". */
const LOCK = `SELECT pg_advisory_xact_lock(${Buffer.from('colloquy').readBigInt64BE()})`

const CREATE_RECORD = `
CREATE TABLE IF NOT EXISTS migration (
  id integer PRIMARY KEY,
  name text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
)`

/**
 * Brings the schema up to date. Every migration is a transaction of its own that takes the lock and writes its row first: of many nodes that start at
 * once each migration runs on one, the others find its row. The lock lives no longer than a transaction, so a node that dies keeps nobody waiting.
 * Throws `SchemaTooNewError` when the database knows a migration that this code does not, and whatever the session throws.
 */
export async function migrate(session: MigrationSession, migrations: readonly Migration[]): Promise<void> {
  await underLock(session, () => session.query(CREATE_RECORD))
  await refuseNewer(session, migrations.at(-1)?.id ?? 0)
  let applied = false
  for (const migration of migrations) {
    if (await underLock(session, () => apply(session, migration))) applied = true
  }
  await openToApplication(session, applied)
}

async function refuseNewer(session: MigrationSession, known: number): Promise<void> {
  const [newest] = await session.query('SELECT id, name FROM migration ORDER BY id DESC LIMIT 1')
  if (newest === undefined || Number(newest['id']) <= known) return
  throw new SchemaTooNewError(
    `The database is at migration ${newest['id']} (${newest['name']}), this release knows migrations up to ${known}: run a newer release.`,
  )
}

async function apply(session: MigrationSession, { id, name, sql }: Migration): Promise<boolean> {
  const rows = await session.query(
    `INSERT INTO migration (id, name) VALUES (${id}, '${name.replaceAll("'", "''")}') ON CONFLICT DO NOTHING RETURNING id`,
  )
  if (rows.length === 0) return false
  await session.query(sql)
  return true
}

async function openToApplication(session: MigrationSession, applied: boolean): Promise<void> {
  const [standing] = await session.query(SESSION_STANDING)
  if (standing?.['privileged'] !== true) return
  if (standing['role_exists'] !== true) await session.query(CREATE_ROLE)
  const [tables] = await session.query(CLOSED_TABLES)
  if (applied || tables?.['closed'] === true) await underLock(session, () => session.query(GRANT_SCHEMA))
}

async function underLock<Result>(session: MigrationSession, task: () => Promise<Result>): Promise<Result> {
  await session.query('BEGIN')
  try {
    await session.query(LOCK)
    const result = await task()
    await session.query('COMMIT')
    return result
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
