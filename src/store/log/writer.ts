import type { Command } from '../command.ts'
import { type Database, StatementError, UnavailableError } from '../database/database.ts'
import { asTenant } from '../session.ts'
import type { CommittedBatch } from '../store.ts'
import { planBatch } from './batch.ts'
import { headOf, lockedHeadStatement } from './head.ts'
import { type BatchLimits, type Queued, takeBatch } from './next-batch.ts'

/** Beyond the queue's bounds a command is refused as UNAVAILABLE. */
export interface WriterLimits extends BatchLimits {
  readonly queueCommands: number
  readonly queueBytes: number
}

export const WRITER_LIMITS: WriterLimits = {
  batchCommands: 512,
  batchBytes: 1_000_000,
  queueCommands: 10_000,
  queueBytes: 16_000_000,
}

interface Waiting extends Queued {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

export interface WriterListeners {
  onCommit(batch: CommittedBatch): void
  /** The answer to a batch was lost: it may have been committed, and `onCommit` will not tell. */
  onDoubt(): void
}

export interface TenantWriter {
  submit<Result>(command: Command<Result>): Promise<Result | undefined>
}

/**
 * Commits a tenant's commands in batches: what arrives while one commits goes together in the next, in the order of arrival. One batch is one
 * transaction that first takes the tenant's lock, in a statement of its own, so that every later statement sees what the lock waited for.
 */
export function createTenantWriter(
  database: Database,
  tenantId: string,
  { onCommit, onDoubt }: WriterListeners,
  limits: WriterLimits = WRITER_LIMITS,
): TenantWriter {
  const queue: Waiting[] = []
  let queuedBytes = 0
  let running = false

  async function run(): Promise<void> {
    while (queue.length > 0) {
      const batch = takeBatch(queue, limits)
      for (const { bytes } of batch) queuedBytes -= bytes
      await commit(batch)
    }
    running = false
  }

  async function commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const plan = planBatch(
        tenantId,
        batch.map(({ command }) => command),
      )
      const [, heads = [], ...results] = await database.commit([
        asTenant(tenantId),
        lockedHeadStatement(tenantId),
        ...plan.statements,
      ])
      const outcomes = plan.outcomes(results)
      const events = outcomes.flatMap(outcome => outcome?.events ?? []).sort((a, b) => a.position - b.position)
      const receipts = outcomes.flatMap(outcome => outcome?.receipts ?? [])
      receipts.sort((a, b) => a.receiptPosition - b.receiptPosition)
      if (events.length > 0 || receipts.length > 0) onCommit({ after: headOf(heads), events, receipts })
      batch.forEach(({ resolve }, index) => {
        resolve(outcomes[index]?.result)
      })
    } catch (error) {
      await refuse(batch, error)
    }
  }

  /** A statement that fails takes its whole batch with it: each half is tried for itself, and so on, until the one that fails is alone. */
  async function refuse(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (error instanceof StatementError && batch.length > 1) {
      const middle = Math.ceil(batch.length / 2)
      await commit(batch.slice(0, middle))
      await commit(batch.slice(middle))
      return
    }
    if (error instanceof UnavailableError) onDoubt()
    for (const { reject } of batch) reject(error)
    if (isSilent(error)) refuseWaiting(error)
  }

  function refuseWaiting(error: unknown): void {
    for (const { reject } of queue.splice(0)) reject(error)
    queuedBytes = 0
  }

  return {
    submit<Result>(command: Command<Result>): Promise<Result | undefined> {
      const bytes = command.kind.bytes(command.input)
      if (queue.length >= limits.queueCommands || queuedBytes + bytes > limits.queueBytes) {
        return Promise.reject(new UnavailableError('The queue of writes is full.'))
      }
      const { promise, resolve, reject } = Promise.withResolvers<Result | undefined>()
      queue.push({ command, bytes, resolve: result => resolve(result as Result | undefined), reject })
      queuedBytes += bytes
      if (!running) {
        running = true
        queueMicrotask(run)
      }
      return promise
    },
  }
}

function isSilent(error: unknown): boolean {
  return error instanceof UnavailableError && error.silent
}
