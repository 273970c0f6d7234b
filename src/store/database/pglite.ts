import { join } from 'node:path'
import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../observe/logger.ts'
import { migrations as allMigrations } from '../migrations/index.ts'
import type { Database, Statement } from './database.ts'
import { lockDirectory } from './directory-lock.ts'
import { createMaintenance } from './maintenance.ts'
import type { Migration } from './migrate.ts'
import { startPgliteThread } from './pglite-thread.ts'
import { createStatementEncoder } from './statement-encoder.ts'

export interface PgliteOptions {
  /** Made when it is missing. Holds the lock and the cluster; the cluster is made on the first start, which takes seconds. */
  readonly dataDir: string
  readonly logger: Logger
  readonly clock: Clock
  /** The thread has ended without being closed: only a new process brings the database back. */
  readonly onLost?: () => void
  /** Default: all of them. */
  readonly migrations?: readonly Migration[]
}

/**
 * The port over an embedded Postgres in a thread of its own. What it has committed survives the end of the process, kill -9 included, not that of the
 * machine: PGlite does not sync. Once the thread has ended every call rejects with `UnavailableError`; only a new process brings it back.
 * Rejects with `DataDirectoryInUseError`, and with `UnavailableError` when the database does not start.
 */
export async function createPglite(options: PgliteOptions): Promise<Database> {
  const { dataDir, logger, clock, migrations = allMigrations } = options
  const unlock = lockDirectory(dataDir)
  let serving = false
  const onEnd = () => {
    unlock()
    if (serving) options.onLost?.()
  }
  const thread = await startPgliteThread({ directory: join(dataDir, 'postgres'), clock, logger, onEnd })
  serving = true
  const encode = createStatementEncoder()
  const maintenance = createMaintenance({
    clock,
    logger,
    isIdle: () => thread.pending() === 0,
    run: async sql => (await thread.ask({ kind: 'maintain', sql }))[0] ?? [],
  })

  async function transaction(kind: 'commit' | 'read', statements: readonly Statement[]) {
    return thread.ask({ kind, statements: encode(statements) })
  }

  return {
    async commit(statements) {
      const rows = await transaction('commit', statements)
      maintenance.wrote(statements.length)
      return rows
    },
    // One in the thread, and the next at its door.
    writers: 2,
    read: statements => transaction('read', statements),
    async migrate() {
      await thread.ask({ kind: 'migrate', migrations })
    },
    async ping() {
      await transaction('read', [])
    },
    async close() {
      serving = false
      maintenance.close()
      await thread.close()
    },
  }
}
