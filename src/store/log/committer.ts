import { type Clock, systemClock } from '../../domain/clock.ts'
import { type Database, type Row, type Statement, StatementError, UnavailableError } from '../database/database.ts'
import { createFollowing } from './following.ts'
import { createGathering } from './gathering.ts'
import { type CommitLimits, createLine, type Part, type TenantQueue } from './line.ts'
import { type SharedTransaction, shareTransaction } from './shared.ts'
import { createSuccession, type Succession } from './succession.ts'
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

/** So many transactions may be under way whatever they carry: one of them works while the other is synced. */
const CALM = 2
/** One beside them leaves when a lane has at least so many commands: its own cost, that of some twenty sends, is then the lesser part. */
const WORTH_ANOTHER = 64
/** Milliseconds after which a transaction counts as held up, by a lock as a rule, and another takes its place. */
const HELD_UP_MS = 50
/** With so many commands waiting, the next transaction leaves before anyone is told of the last one. */
const WORTH_LEAVING = 8

export interface Committer {
  /** Whether a transaction is under way or about to leave, or somebody is about to be told of one. */
  readonly busy: boolean
  /** Takes a batch from the queue as soon as there is room for a transaction, and calls its `done` after that. */
  lineUp(queue: TenantQueue): void
  /** Looks at a queue that has something in it, and stands in the line or has a batch under way. */
  look(queue: TenantQueue): void
}

export interface CommitterOptions {
  readonly limits?: CommitLimits
  /** Default: the machine's own. The few who are held leave by it, so that one which stands still holds them for ever. */
  readonly clock?: Clock
}

/**
 * Gives every tenant that has something to commit its turn. While there is room for a transaction for each that waits, each goes alone; when more wait, those of
 * a lane share one. It takes their locks in the order of their names, so no two transactions wait for each other. One that fails is tried again tenant by tenant: nobody
 * suffers from another's command or lock. Behind a tenant's batch that is under way its next one may leave (see following.ts).
 */
export function createCommitter(
  database: Pick<Database, 'commit' | 'writers'>,
  { limits = COMMIT_LIMITS, clock = systemClock }: CommitterOptions = {},
): Committer {
  const line = createLine(limits)
  let underWay = 0
  /** How many of them are held up. */
  let heldUp = 0
  /** How many transactions were answered, be it with a refusal. */
  let answers = 0
  let called = false
  const gathering = createGathering({ clock, few: FEW_COMMANDS, waiting: () => line.commands, onEnd: callNext })
  const following = createFollowing({ limits, othersWait: () => line.length > 0, send: commitAlone })
  /** What was committed, in the order in which it was, and nobody was told yet. */
  const untold: (() => void)[] = []

  /** At the end of the event loop's turn, or some turns later, so that what came in them goes together. */
  function callNext(): void {
    if (called || line.length === 0 || underWay >= database.writers || gathering.holds()) return
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
    if (gathering.holds()) return
    gathering.end()
    while (line.length > 0 && underWay < database.writers) {
      const parts = nextParts(Math.min(database.writers - underWay, CALM - (underWay - heldUp)))
      if (parts.length === 0) return
      void commit(parts)
    }
  }

  /** What the next transaction carries, of so many that may leave whatever they carry. Nothing: it is not worth one. */
  function nextParts(room: number): readonly Part[] {
    if (line.length <= room) return line.first()
    return line.lane(lanesOf(line.commands), room > 0 ? 1 : WORTH_ANOTHER)
  }

  /** As many as find enough to do, by doubling: most tenants of a lane then stay together. */
  function lanesOf(commands: number): number {
    return Math.min(database.writers, Math.max(CALM, 2 ** Math.floor(Math.log2(commands / WORTH_ANOTHER))))
  }

  async function commit(parts: readonly Part[]): Promise<void> {
    const [only] = parts
    if (only !== undefined && parts.length === 1) return commitAlone(only)
    const succession = createSuccession()
    let shared: SharedTransaction
    let results: readonly (readonly Row[])[]
    try {
      shared = shareTransaction(parts.map(({ turn }) => turn))
      results = await send(shared.statements, succession)
    } catch (error) {
      if (!isUncertain(error)) return void (await Promise.all(parts.map(part => commitAlone(part))))
      tellAll()
      for (const { queue, turn } of parts) {
        turn.fail(error)
        queue.done()
      }
      return
    }
    untold.push(() => {
      const own = shared.resultsOf(results)
      parts.forEach(({ turn }, nth) => {
        turn.accept(own[nth] ?? [])
      })
    })
    passOn(parts, succession)
  }

  async function commitAlone(part: Part, succession: Succession = createSuccession()): Promise<void> {
    const answered = following.begin(part, succession)
    const committed = commitTurn(part.turn, succession)
    // What comes is counted from here on, and more than one batch carries may wait already.
    following.look(part.queue)
    const isToBeTold = await committed
    answered()
    if (isToBeTold) passOn([part], succession)
    else part.queue.done()
  }

  /**
   * Commits the turn, and resolves with whether anyone is yet to be told so. A statement that fails takes its whole batch with it: each half is tried for
   * itself, and so on, until the one that fails is alone. They come after what was sent behind the batch.
   */
  async function commitTurn(turn: Turn, succession: Succession): Promise<boolean> {
    try {
      const results = await send(turn.statements(), succession)
      untold.push(() => turn.accept(results))
      return true
    } catch (error) {
      succession.refused = true
      tellAll()
      const [first, second] = error instanceof StatementError ? turn.halves() : []
      if (first === undefined || second === undefined) {
        turn.fail(error)
        return false
      }
      await commitTurn(first, succession)
      tellAll()
      return commitTurn(second, succession)
    }
  }

  /**
   * What waits meanwhile leaves before anyone is told: to hand out the results of a large batch and to answer takes some milliseconds, in which the database
   * would do nothing. So what came in this turn of the event loop goes into the line first. Only where few are told, few who wait are held for them.
   */
  function passOn(parts: readonly Part[], { underWay: behind }: Succession): void {
    for (const { queue } of parts) queue.done()
    // Whoever comes again behind another batch does not come into the line.
    if (behind === 0) gathering.begin(parts.reduce((sum, { turn }) => sum + turn.commands, 0))
    setImmediate(() => {
      if (line.commands < WORTH_LEAVING) return tellAll()
      next()
      // A connection is lent in several microtasks, and what is told has microtasks of its own.
      setImmediate(tellAll)
    })
  }

  function tellAll(): void {
    for (let tell = untold.shift(); tell !== undefined; tell = untold.shift()) tell()
  }

  async function send(statements: readonly Statement[], succession: Succession): Promise<readonly (readonly Row[])[]> {
    const { last: ahead, refused } = succession
    const commit = () => database.commit(statements, succession)
    const answer = ahead !== undefined && refused ? ahead.then(commit) : commit()
    succession.last = answer.catch(() => undefined)
    succession.underWay++
    // Until then the database does not work on it.
    if (ahead !== undefined) await ahead
    // What was sent behind a transaction that was never answered has waited along with it.
    if (!succession.silent) succession.since = answers
    let isHeldUp = false
    const cancelWatch = clock.after(HELD_UP_MS, () => {
      isHeldUp = true
      heldUp++
      callNext()
    })
    underWay++
    try {
      const results = await answer
      answers++
      return results
    } catch (error) {
      succession.silent = error instanceof UnavailableError && error.silent
      if (!(error instanceof UnavailableError) || !error.silent) answers++
      // Nobody was answered in all that time: whoever waits would only wait as long again.
      else if (answers === succession.since) {
        line.refuse(error)
        gathering.end()
      }
      throw error
    } finally {
      cancelWatch()
      succession.underWay--
      underWay--
      if (isHeldUp) heldUp--
      callNext()
    }
  }

  return {
    get busy() {
      return underWay > 0 || untold.length > 0 || (line.length > 0 && !gathering.isOn())
    },
    lineUp(queue) {
      line.add(queue)
      callNext()
    },
    look(queue) {
      following.look(queue)
      callNext()
    },
  }
}

/** Whether the transaction may have been committed after all. */
function isUncertain(error: unknown): boolean {
  return error instanceof UnavailableError && !error.undone
}
