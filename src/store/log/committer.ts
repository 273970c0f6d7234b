import { type Database, type Row, type Statement, StatementError, UnavailableError } from '../database/database.ts'
import { type CommitLimits, createLine, type Part, type TenantQueue } from './line.ts'
import { type SharedTransaction, shareTransaction } from './shared.ts'
import type { Turn } from './turn.ts'

export const COMMIT_LIMITS: CommitLimits = {
  batchCommands: 512,
  batchBytes: 1_000_000,
  tenants: 32,
}

/**
 * What is sent together comes over some turns of the event loop, as it is read. While fewer commands than this wait, and each turn brings more of them, they
 * wait for another turn, which takes microseconds where nothing else is to be done. Another commit takes more than a thousand.
 */
const FEW_COMMANDS = 32
const MORE_TURNS = 4

export interface Committer {
  /** Whether a transaction is under way, or somebody waits for one. */
  readonly busy: boolean
  /** Takes a batch from the queue as soon as there is room for a transaction, and calls its `done` after that. */
  lineUp(queue: TenantQueue): void
}

/**
 * Gives every tenant that has something to commit its turn. While the database takes a transaction for each that waits, each goes alone; when more
 * wait than that, those of a lane share one. It takes their locks in the order of their names, so no two transactions wait for each other. One that
 * fails is tried again tenant by tenant: nobody suffers from another's command or lock.
 */
export function createCommitter(
  database: Pick<Database, 'commit' | 'writers'>,
  limits: CommitLimits = COMMIT_LIMITS,
): Committer {
  const line = createLine(database.writers, limits)
  let underWay = 0
  /** How many transactions were answered, be it with a refusal. */
  let answers = 0
  let called = false
  /** What was committed, in the order in which it was, and nobody was told yet. */
  const untold: (() => void)[] = []

  /** At the end of the event loop's turn, or some turns later, so that what came in them goes together. */
  function callNext(): void {
    if (called || line.length === 0 || underWay >= database.writers) return
    called = true
    afterTurn(0, MORE_TURNS)
  }

  function afterTurn(before: number, more: number): void {
    setImmediate(() => {
      const { commands } = line
      if (more > 0 && commands > before && commands < FEW_COMMANDS) {
        afterTurn(commands, more - 1)
        return
      }
      called = false
      next()
    })
  }

  function next(): void {
    while (line.length > 0 && underWay < database.writers) {
      const parts = line.length <= database.writers - underWay ? line.first() : line.lane()
      void commit(parts)
    }
  }

  async function commit(parts: readonly Part[]): Promise<void> {
    const [only] = parts
    if (only !== undefined && parts.length === 1) return commitAlone(only)
    let shared: SharedTransaction
    let results: readonly (readonly Row[])[]
    try {
      shared = shareTransaction(parts.map(({ turn }) => turn))
      results = await send(shared.statements)
    } catch (error) {
      if (!isUncertain(error)) return void (await Promise.all(parts.map(commitAlone)))
      tellAll()
      for (const { queue, turn } of parts) {
        turn.fail(error)
        queue.done()
      }
      return
    }
    const queues = parts.map(({ queue }) => queue)
    passOn(queues, () => {
      const own = shared.resultsOf(results)
      parts.forEach(({ turn }, nth) => {
        turn.accept(own[nth] ?? [])
      })
    })
  }

  async function commitAlone({ queue, turn }: Part): Promise<void> {
    const tell = await commitTurn(turn)
    passOn([queue], tell)
  }

  /**
   * Commits the turn; the function that it resolves to tells so. A statement that fails takes its whole batch with it: each half is tried for itself, and so
   * on, until the one that fails is alone.
   */
  async function commitTurn(turn: Turn): Promise<() => void> {
    try {
      const results = await send(turn.statements())
      return () => turn.accept(results)
    } catch (error) {
      tellAll()
      const [first, second] = error instanceof StatementError ? turn.halves() : []
      if (first === undefined || second === undefined) {
        turn.fail(error)
        return () => undefined
      }
      const tell = await commitTurn(first)
      tell()
      return commitTurn(second)
    }
  }

  /**
   * What waits meanwhile leaves before anyone is told: to hand out the results of a large batch and to answer takes some milliseconds, in which the database
   * would do nothing.
   */
  function passOn(queues: readonly TenantQueue[], tell: () => void): void {
    untold.push(tell)
    for (const queue of queues) queue.done()
    const before = underWay
    if (line.commands >= FEW_COMMANDS) next()
    if (underWay > before) setImmediate(tellAll)
    else tellAll()
  }

  function tellAll(): void {
    for (let tell = untold.shift(); tell !== undefined; tell = untold.shift()) tell()
  }

  async function send(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    const before = answers
    underWay++
    try {
      const results = await database.commit(statements)
      answers++
      return results
    } catch (error) {
      if (!(error instanceof UnavailableError) || !error.silent) answers++
      // Nobody was answered in all that time: whoever waits would only wait as long again.
      else if (answers === before) line.refuse(error)
      throw error
    } finally {
      underWay--
      callNext()
    }
  }

  return {
    get busy() {
      return underWay > 0 || line.length > 0
    },
    lineUp(queue) {
      line.add(queue)
      callNext()
    },
  }
}

/** Whether the transaction may have been committed after all. */
function isUncertain(error: unknown): boolean {
  return error instanceof UnavailableError && !error.undone
}
