import { statfs } from 'node:fs/promises'
import { Client } from 'pg'
import { z } from 'zod'
import { startEmbeddedPostgres } from '../../test/support/embedded-postgres.ts'

/**
 * A Postgres as it is run in earnest: every commit is on disk before it is acknowledged. Buffers and log are as large as any guide to production has
 * them; everything else is the server's default.
 */
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  autovacuum: 'on',
  shared_buffers: '1GB',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
}

export interface DurablePostgres {
  readonly version: string
  /** Of the postmaster: its children are the sessions. */
  readonly pid: number
  /** False: its files are in memory, where a sync costs nothing and proves nothing. */
  readonly onDisk: boolean
  /** Makes an empty database and returns its connection string. */
  database(name: string): Promise<string>
  close(): Promise<void>
}

/** Starts it, and throws unless it says itself that commits are durable. */
export async function startDurablePostgres(): Promise<DurablePostgres> {
  const postgres = await startEmbeddedPostgres(SETTINGS)
  try {
    const [facts] = await ask(postgres.url, FACTS)
    const { fsync, synchronous_commit, version, data_directory, pid } = Facts.parse(facts)
    if (fsync !== 'on' || synchronous_commit !== 'on') throw new Error('This Postgres does not sync its commits.')
    return {
      version,
      pid,
      onDisk: (await statfs(data_directory)).type !== TMPFS,
      async database(name) {
        await ask(postgres.url, `CREATE DATABASE ${name}`)
        return Object.assign(new URL(postgres.url), { pathname: name }).href
      },
      close: () => postgres.close(),
    }
  } catch (error) {
    await postgres.close()
    throw error
  }
}

/** Runs one statement on a connection of its own. */
export async function ask(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

/** What statfs(2) calls a file system in memory. */
const TMPFS = 0x01021994

const FACTS = `
SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
  current_setting('server_version') AS version, current_setting('data_directory') AS data_directory,
  split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid`

const Facts = z.object({
  fsync: z.string(),
  synchronous_commit: z.string(),
  version: z.string(),
  data_directory: z.string(),
  pid: z.int(),
})
