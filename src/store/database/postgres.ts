import { Client, type PoolClient, type QueryResult } from 'pg'
import { type Clock, systemClock } from '../../domain/clock.ts'
import type { Logger } from '../../observe/logger.ts'
import { migrations as allMigrations } from '../migrations/index.ts'
import { columnParser } from './column.ts'
import { CONNECTION } from './connection.ts'
import { createConnectionPool } from './connection-pool.ts'
import { type Database, type Pipeline, type Row, type Statement, StatementError, UnavailableError } from './database.ts'
import { type Migration, migrate, SchemaTooNewError } from './migrate.ts'
import { createPipelines } from './pipelines.ts'
import { failureOf } from './sql-state.ts'
import { createStatementEncoder } from './statement-encoder.ts'
import { createTransactions } from './transaction.ts'

/**
 * Milliseconds after which a transaction without an answer is given up and its connection destroyed: above all of the session's own timeouts. Counted from when
 * the one ahead of it in its pipeline has settled.
 */
const DEADLINE = 8_000

export interface PostgresOptions {
  /** A connection string, `postgres://user:password@host:port/database`. */
  readonly url: string
  /** Connections for reads. Default 8. */
  readonly poolSize?: number
  /** Connections for durable writes, each busy with one pipeline at a time. Default 8. A tenant that waits for its lock keeps one for up to 2 s. */
  readonly writerConnections?: number
  readonly logger: Logger
  readonly clock?: Clock
  /** Default: all of them. */
  readonly migrations?: readonly Migration[]
}

/** The port over a real Postgres. Connects when first needed; until `migrate` has run, a superuser's sessions are refused as unavailable. */
export function createPostgres(options: PostgresOptions): Database {
  const { url, logger, clock = systemClock, migrations = allMigrations } = options
  const writerConnections = options.writerConnections ?? 8
  const writers = createConnectionPool({ url, size: writerConnections, for: 'writing', clock, logger })
  const readers = createConnectionPool({ url, size: options.poolSize ?? 8, for: 'reading', clock, logger })
  const encode = createStatementEncoder()
  const transact = createTransactions()
  const inPipeline = createPipelines(writers)

  function write(statements: readonly Statement[], pipeline: Pipeline) {
    const encoded = encode(statements)
    return inPipeline(pipeline, async (client, place) => {
      const answer = transact(client, encoded, place)
      if (place.ahead !== undefined) {
        // It may be rejected before that: who waits hears of it below.
        answer.catch(() => undefined)
        await place.ahead
      }
      return withDeadline(clock, client, () => answer)
    })
  }

  return {
    async commit(statements, pipeline = {}) {
      try {
        return await write(statements, pipeline)
      } catch (error) {
        throw isStandby(error) ? new UnavailableError('the database is a read-only standby', { cause: error }) : error
      }
    },
    writers: writerConnections,
    async read(statements) {
      const encoded = encode(statements)
      return readers.use(client => withDeadline(clock, client, () => transact(client, encoded)))
    },
    migrate: () => migrateAlone(url, migrations, logger),
    async ping() {
      await readers.use(client => withDeadline(clock, client, () => client.query('SELECT 1'))).catch(fail)
    },
    async close() {
      await Promise.all([writers.close(), readers.close()])
    },
  }
}

async function withDeadline<Result>(clock: Clock, client: PoolClient, task: () => Promise<Result>): Promise<Result> {
  const cancel = clock.after(DEADLINE, () => {
    const message = `no answer from the database within ${DEADLINE} ms`
    client.connection.stream.destroy(new UnavailableError(message, { silent: true }))
  })
  try {
    return await task()
  } finally {
    cancel()
  }
}

/** On a connection of its own, with the role as it connected and without a limit on how long a migration takes or waits. */
async function migrateAlone(url: string, migrations: readonly Migration[], logger: Logger): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    idle_in_transaction_session_timeout: 60_000,
    ...CONNECTION,
    types: { getTypeParser: columnParser },
  })
  client.on('error', error => logger.warn({ reason: error.message }, 'database connection lost'))
  try {
    await client.connect()
    const query = async (sql: string): Promise<readonly Row[]> => {
      const result: QueryResult<Row> | QueryResult<Row>[] = await client.query<Row>(sql)
      return Array.isArray(result) ? (result.at(-1)?.rows ?? []) : result.rows
    }
    await migrate({ query }, migrations)
  } catch (error) {
    throw error instanceof SchemaTooNewError ? error : failureOf(error)
  } finally {
    await client.end()
  }
}

/** After a failover the address may still lead to the server that lost its place: nothing is wrong with the statement. */
function isStandby(error: unknown): boolean {
  return error instanceof StatementError && error.sqlState === '25006'
}

function fail(error: unknown): never {
  throw new UnavailableError(failureOf(error).message, { cause: error })
}
