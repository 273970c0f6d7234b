import { Worker } from 'node:worker_threads'
import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../observe/logger.ts'
import { StatementError, UnavailableError } from './database.ts'
import { SchemaTooNewError } from './migrate.ts'
import { type Failure, type Job, type Reply, type Rows, START, type Work } from './pglite-messages.ts'

/** Jobs that may wait at once; beyond, the database counts as unavailable. */
const WAITING = 10_000
/** Milliseconds without an answer, while transactions wait for one, after which the thread is taken for stuck and ended. */
const STUCK = 30_000

/** Beside this file, whether it runs as TypeScript or was built. */
const WORKER = new URL(`./pglite-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** The thread that runs the embedded Postgres, seen from outside. */
export interface PgliteThread {
  /** Rejects as the port does; also with `UnavailableError` for whatever the thread has not answered when it ends. */
  ask(work: Work): Promise<Rows>
  /** How many jobs have not been answered. */
  pending(): number
  /** Lets the jobs under way finish, then ends the thread. */
  close(): Promise<void>
}

interface Waiting {
  readonly kind: Work['kind'] | 'start'
  resolve(rows: Rows): void
  reject(error: Error): void
}

export async function startPgliteThread(options: {
  readonly directory: string
  readonly clock: Clock
  readonly logger: Logger
  /** Called once, after the thread has ended, for whatever reason. */
  onEnd(): void
}): Promise<PgliteThread> {
  const { clock, logger } = options
  const worker = new Worker(WORKER, { workerData: options.directory, execArgv: [] })
  const waiting = new Map<number, Waiting>()
  let lastId = START
  let over: UnavailableError | undefined
  let closing: Promise<void> | undefined
  let cancelWatch = () => {}

  function expect(id: number, kind: Waiting['kind']): Promise<Rows> {
    return new Promise((resolve, reject) => {
      waiting.set(id, { kind, resolve, reject })
      watch()
    })
  }

  /** Starts the time anew after which the thread counts as stuck. Starting, migrating and vacuuming may take as long as they like. */
  function watch(): void {
    cancelWatch()
    for (const { kind } of waiting.values()) {
      if (kind === 'commit' || kind === 'read') continue
      return
    }
    if (waiting.size > 0) cancelWatch = afterTwoLooks(clock, STUCK, () => end('the embedded database is stuck'))
  }

  function end(reason: string): void {
    if (over !== undefined) return
    over = new UnavailableError(reason)
    cancelWatch()
    for (const { reject } of waiting.values()) reject(over)
    waiting.clear()
    void worker.terminate()
  }

  worker.on('message', (reply: Reply) => {
    const asked = waiting.get(reply.id)
    waiting.delete(reply.id)
    watch()
    if ('rows' in reply) asked?.resolve(reply.rows)
    else asked?.reject(errorOf(reply.failure))
  })
  worker.on('error', error => {
    logger.error({ reason: error instanceof Error ? error.message : String(error) }, 'the embedded database ended')
    end('the embedded database ended')
  })
  const ended = new Promise<void>(resolve => {
    worker.once('exit', () => {
      end('the embedded database is closed')
      options.onEnd()
      resolve()
    })
  })

  async function ask(work: Work): Promise<Rows> {
    if (over !== undefined) throw over
    if (closing !== undefined && work.kind !== 'close') throw new UnavailableError('the embedded database is closed')
    if (waiting.size >= WAITING) throw new UnavailableError('too many callers wait for the embedded database')
    lastId += 1
    const job: Job = { id: lastId, work }
    worker.postMessage(job)
    return expect(job.id, work.kind)
  }

  async function shut(): Promise<void> {
    // A thread that ended before, or ends instead of answering, is closed all the same.
    await ask({ kind: 'close' }).catch(() => undefined)
    await ended
  }

  await expect(START, 'start').catch(async (error: unknown) => {
    await ended
    throw error
  })
  return {
    ask,
    pending: () => waiting.size,
    close() {
      closing ??= shut()
      return closing
    },
  }
}

/**
 * Runs the task after that time, in two halves with a turn of the event loop between: after a process has been stopped its timers run before it hears
 * the answers that came meanwhile.
 */
function afterTwoLooks(clock: Clock, delayMs: number, task: () => void): () => void {
  let cancelled = false
  let cancel = clock.after(delayMs / 2, () => {
    setImmediate(() => {
      if (!cancelled) cancel = clock.after(delayMs / 2, task)
    })
  })
  return () => {
    cancelled = true
    cancel()
  }
}

function errorOf({ name, message, sqlState }: Failure): Error {
  if (sqlState !== null) return new StatementError(sqlState, message)
  return name === 'SchemaTooNewError' ? new SchemaTooNewError(message) : new UnavailableError(message)
}
