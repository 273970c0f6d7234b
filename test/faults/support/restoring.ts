import { Client } from 'pg'
import type { EmbeddedPostgres } from '../../support/embedded-postgres.ts'

/** Puts the database back to how it was; the database runs before and after. */
export type PutBack = () => Promise<void>

/** A copy of the data directory, taken at rest, as a backup of files is. */
export async function saveFiles(postgres: EmbeddedPostgres): Promise<PutBack> {
  await postgres.stop()
  const putBack = await postgres.save()
  await postgres.start()
  return async () => {
    await postgres.stop()
    await putBack()
    await postgres.start()
  }
}

/** A copy of the rows of every table that has rows of its own, put back in one transaction under the eyes of whoever is connected, as a load of a dump is. */
export async function saveRows({ url }: EmbeddedPostgres): Promise<PutBack> {
  const tables = await execute(url, async client => {
    await client.query('CREATE SCHEMA saved')
    const { rows } = await client.query<{ readonly name: string }>(
      `SELECT quote_ident(relname) AS name FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migration'`,
    )
    // One snapshot of them all.
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    for (const { name } of rows) await client.query(`CREATE TABLE saved.${name} AS TABLE public.${name}`)
    await client.query('COMMIT')
    return rows.map(({ name }) => name)
  })
  return () =>
    execute(url, async client => {
      // The order of the rows is not that of the foreign keys.
      await client.query(`SET session_replication_role = replica`)
      await client.query('BEGIN')
      await client.query(`TRUNCATE ${tables.map(name => `public.${name}`)}`)
      for (const name of tables) await client.query(`INSERT INTO public.${name} TABLE saved.${name}`)
      await client.query('COMMIT')
    })
}

async function execute<Result>(url: string, task: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await task(client)
  } finally {
    await client.end()
  }
}
