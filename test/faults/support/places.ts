import { onTestFinished } from 'vitest'
import { pgliteDirectory, postgresDatabase } from '../../support/database.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../support/embedded-postgres.ts'

export const DATABASES = ['PGlite', 'Postgres'] as const

/** Where a server is to keep its data, for as long as the test. `databaseUrl` is there where others may look into it too. */
export interface Place {
  readonly env: Readonly<Record<string, string>>
  readonly databaseUrl?: string
}

export async function placeFor(kind: (typeof DATABASES)[number]): Promise<Place> {
  const place = kind === 'PGlite' ? await pgliteDirectory() : await postgresDatabase()
  onTestFinished(() => place.close())
  return 'url' in place
    ? { env: { DATABASE_URL: place.url }, databaseUrl: place.url }
    : { env: { DATA_DIR: place.path } }
}

/** A whole Postgres for one test, which may do to it what it likes. */
export async function ownPostgres(): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres()
  onTestFinished(() => postgres.close())
  return postgres
}
