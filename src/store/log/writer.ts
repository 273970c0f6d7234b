import type { Command } from '../command.ts'
import { type Database, StatementError, UnavailableError } from '../database/database.ts'
import { asTenant } from '../session.ts'
import type { CommittedBatch } from '../store.ts'
import { planBatch } from './batch.ts'

/** What one flush carries at most, and what may wait for its turn. Beyond the queue's bounds a command is refused as UNAVAILABLE. */
export const WRITER_LIMITS = {
  batchCommands: 512,
  batchBytes: 1_000_000,
  queueCommands: 10_000,
  queueBytes: 16_000_000,
} as const

interface Waiting {
  readonly command: Command<unknown>
  readonly bytes: number
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
): TenantWriter {
  const queue: Waiting[] = []
  let queuedBytes = 0
  let running = false

  async function run(): Promise<void> {
    while (queue.length > 0) {
      const batch = nextBatch(queue)
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
      const results = await database.commit([asTenant(tenantId), lockHead(tenantId), ...plan.statements])
      const outcomes = plan.outcomes(results.slice(2))
      const events = outcomes.flatMap(outcome => outcome?.events ?? []).sort((a, b) => a.position - b.position)
      const receipts = outcomes.flatMap(outcome => outcome?.receipts ?? [])
      receipts.sort((a, b) => a.receiptPosition - b.receiptPosition)
      if (events.length > 0 || receipts.length > 0) onCommit({ events, receipts })
      batch.forEach(({ resolve }, index) => {
        resolve(outcomes[index]?.result)
      })
    } catch (error) {
      await refuse(batch, error)
    }
  }

  /** A statement that fails takes its whole batch with it: alone, each command succeeds or fails by itself. */
  async function refuse(batch: readonly Waiting[], error: unknown): Promise<void> {
    if (error instanceof StatementError && batch.length > 1) {
      for (const waiting of batch) await commit([waiting])
      return
    }
    if (error instanceof UnavailableError) onDoubt()
    for (const { reject } of batch) reject(error)
  }

  return {
    submit<Result>(command: Command<Result>): Promise<Result | undefined> {
      const bytes = command.kind.bytes(command.input)
      if (queue.length >= WRITER_LIMITS.queueCommands || queuedBytes + bytes > WRITER_LIMITS.queueBytes) {
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

/** Takes what the next flush carries: a command whose conflict key is in it already stays behind, and with it all that share the key. */
function nextBatch(queue: Waiting[]): Waiting[] {
  const batch: Waiting[] = []
  const behind: Waiting[] = []
  const keys = new Set<string>()
  let bytes = 0
  let seen = 0
  for (const waiting of queue) {
    const { kind, input } = waiting.command
    const isFull = batch.length >= WRITER_LIMITS.batchCommands || bytes + waiting.bytes > WRITER_LIMITS.batchBytes
    if (isFull && batch.length > 0) break
    seen++
    const key = kind.conflictKey && `${kind.name} ${kind.conflictKey(input)}`
    if (key !== undefined && keys.has(key)) {
      behind.push(waiting)
      continue
    }
    if (key !== undefined) keys.add(key)
    batch.push(waiting)
    bytes += waiting.bytes
  }
  queue.splice(0, seen, ...behind)
  return batch
}

function lockHead(tenantId: string) {
  return {
    name: 'lock_head',
    text: 'SELECT FROM tenant_head WHERE tenant_id = $1 FOR NO KEY UPDATE',
    values: [tenantId],
  }
}
