import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../observe/logger.ts'
import type { Row } from './database.ts'

/** Statements committed after which a round waits for nothing more than a quiet moment. */
const WANTED = 1_000
/** Statements committed after which a round begins even if no moment is quiet. */
const DUE = 50_000
/** Milliseconds without work that count as quiet. */
const QUIET = 250
/** Milliseconds after which a round is wanted however little was written. */
const AT_LEAST = 60_000

const TABLES = `
SELECT format('%I.%I', relnamespace::regnamespace, relname) AS name FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace OR oid = 'pg_statistic'::regclass
ORDER BY 1`

/**
 * The housekeeping that a server's background processes do and an embedded Postgres has none for: dead rows are removed, the planner's statistics
 * renewed (without both it gets several times slower), and the log is cut off, which else grows for ever and is replayed after a kill. A round goes in
 * steps, a table each, so that no transaction waits longer than for one of them.
 */
export interface Maintenance {
  /** Tells of a commit and how many statements it had. */
  wrote(statements: number): void
  close(): void
}

export function createMaintenance(options: {
  readonly clock: Clock
  readonly logger: Logger
  isIdle(): boolean
  /** Runs one statement as the owner, outside of any transaction. */
  run(sql: string): Promise<readonly Row[]>
}): Maintenance {
  const { clock, logger, isIdle, run } = options
  /** Statements since the last round began, and when the first of them came. */
  let written = 0
  let since = 0
  let seen = 0
  let cancel: (() => void) | undefined
  let closed = false

  /** Looks again and again, while there is anything to do, for two looks with nothing going on and nothing written between. */
  function look(): void {
    const quiet = isIdle() && seen === written
    const wanted = written >= WANTED || clock.now() - since >= AT_LEAST
    seen = written
    if (written >= DUE || (quiet && wanted)) void round(written >= DUE)
    else cancel = clock.after(QUIET, look)
  }

  function begin(): void {
    since = clock.now()
    seen = 0
    cancel = clock.after(QUIET, look)
  }

  async function round(overdue: boolean): Promise<void> {
    written = 0
    try {
      const tables = await run(TABLES)
      for (const { name } of tables) await step(overdue, `VACUUM (ANALYZE) ${name}`)
      await step(overdue, 'CHECKPOINT')
    } catch (error) {
      if (!closed) logger.warn({ reason: error instanceof Error ? error.message : String(error) }, 'vacuum failed')
    }
    cancel = undefined
    if (written > 0 && !closed) begin()
  }

  async function step(overdue: boolean, sql: string): Promise<void> {
    while (!closed && !overdue && !isIdle()) await pause()
    if (!closed) await run(sql)
  }

  function pause(): Promise<void> {
    return new Promise(resolve => {
      cancel = clock.after(QUIET, resolve)
    })
  }

  return {
    wrote(statements) {
      written += statements
      if (cancel === undefined && !closed) begin()
    },
    close() {
      closed = true
      cancel?.()
    },
  }
}
