import { randomUUID } from 'node:crypto'
import { cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'
import { describe, inject } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'
import type { Logger } from '../../src/observe/logger.ts'
import type { Database } from '../../src/store/database/database.ts'
import type { Migration } from '../../src/store/database/migrate.ts'
import { createPglite } from '../../src/store/database/pglite.ts'
import { createPostgres, type PostgresOptions } from '../../src/store/database/postgres.ts'

/** A database of a test's own, empty, and gone after `close`. */
export interface TestDatabase {
  readonly url: string
  close(): Promise<void>
}

/** Makes a database in the run's Postgres. `close` also ends whoever is still connected to it. */
export async function postgresDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await administer(`CREATE DATABASE ${name}`)
  const url = new URL(inject('postgresUrl'))
  url.pathname = name
  return {
    url: url.href,
    async close() {
      await administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

/** Runs one statement as the superuser, in the database `postgres` or in that of `url`, and returns its rows. */
export async function administer(
  sql: string,
  url = inject('postgresUrl'),
): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

/** A data directory of a test's own, on which an embedded database starts in a fraction of a second. */
export interface TestDirectory {
  readonly path: string
  close(): Promise<void>
}

export async function pgliteDirectory(): Promise<TestDirectory> {
  const template = await preparedCluster()
  const path = await mkdtemp(join(inject('runDirectory'), 'data-'))
  await cp(template, join(path, 'postgres'), { recursive: true })
  return { path, close: () => rm(path, { recursive: true, force: true }) }
}

/** The cluster that all tests of the run copy: whoever needs it first makes it, the others wait. */
async function preparedCluster(): Promise<string> {
  const template = join(inject('runDirectory'), 'pglite')
  const making = `${template}.making`
  while (!(await exists(join(template, 'postgres')))) {
    if (await mine(making)) {
      await (await createPglite({ dataDir: making, logger: silent, clock: systemClock })).close()
      await rename(making, template)
    } else {
      await setTimeout(50)
    }
  }
  return join(template, 'postgres')
}

async function mine(directory: string): Promise<boolean> {
  return mkdir(directory).then(
    () => true,
    () => false,
  )
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** A driver on a database of its own. */
export interface OpenDatabase {
  readonly database: Database
  close(): Promise<void>
}

/** Opens an empty database under one of the drivers, with the schema brought up to date. */
export type OpenDatabases = (migrations?: readonly Migration[]) => Promise<OpenDatabase>

const onPostgres: OpenDatabases = async migrations => openPostgres(migrations ? { migrations } : {})

/** A Postgres driver on a database of its own, at `url`. */
export async function openPostgres(options: Partial<PostgresOptions> = {}): Promise<OpenDatabase & { url: string }> {
  const { url, close } = await postgresDatabase()
  return { ...(await opened(createPostgres({ url, logger: silent, ...options }), close)), url }
}

const onPglite: OpenDatabases = async migrations => {
  const { path, close } = await pgliteDirectory()
  const options = { dataDir: path, logger: silent, clock: systemClock, ...(migrations && { migrations }) }
  return opened(await createPglite(options), close)
}

async function opened(database: Database, remove: () => Promise<unknown>): Promise<OpenDatabase> {
  const close = async () => {
    await database.close()
    await remove()
  }
  await database.migrate().catch(async (error: unknown) => {
    await close()
    throw error
  })
  return { database, close }
}

/** Runs one suite over both databases. */
export function describeDatabases(title: string, suite: (open: OpenDatabases) => void): void {
  describe.each([
    ['Postgres', onPostgres],
    ['PGlite', onPglite],
  ] as const)(`${title} on %s`, (_, open) => suite(open))
}
