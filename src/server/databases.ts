import { inDataDirectory } from '../config/data-directory.ts'
import type { Config } from '../config.ts'
import { systemClock } from '../domain/clock.ts'
import type { Logger } from '../observe/logger.ts'
import type { Database } from '../store/database/database.ts'
import { SchemaTooNewError } from '../store/database/migrate.ts'
import { createPglite } from '../store/database/pglite.ts'
import { createPostgres } from '../store/database/postgres.ts'

/**
 * The database that the configuration names. `onLost` hears that the embedded one has ended by itself. Rejects with a readable error.
 *
 * How long it may take to answer is measured by the machine's clock, whatever the server's is: a database works in real time.
 */
export async function openDatabase(
  { databaseUrl, dataDir }: Config,
  surroundings: { readonly logger: Logger; readonly onLost: (error: Error) => void },
): Promise<Database> {
  const { logger } = surroundings
  const clock = systemClock
  if (databaseUrl !== null) return createPostgres({ url: databaseUrl, logger, clock })
  const onLost = () => surroundings.onLost(new Error('The embedded database has ended: start the server again.'))
  return inDataDirectory(dataDir, () => createPglite({ dataDir, logger, clock, onLost }))
}

/**
 * Brings the schema up to date: the first time that the database is asked for anything, so that whatever is wrong with it shows here. Rejects with a
 * readable error.
 */
export async function prepareDatabase(database: Database, { databaseUrl, dataDir }: Config): Promise<void> {
  try {
    await database.migrate()
  } catch (error) {
    if (error instanceof SchemaTooNewError) throw error
    const which = databaseUrl === null ? `the embedded database in ${dataDir}` : 'the database of DATABASE_URL'
    throw new Error(`Cannot use ${which}: ${reasonOf(error)}`, { cause: error })
  }
}

/** A host with several addresses fails with an error for each and no words of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.message !== '') return error.message
  return reasonOf(error instanceof AggregateError ? error.errors[0] : (error.cause ?? error.name))
}
