import type { Command } from '../command.ts'
import { UnavailableError } from '../database/database.ts'
import type { CommittedBatch } from '../store.ts'
import type { Committer } from './committer.ts'
import type { TenantQueue } from './line.ts'
import { takeBatch } from './next-batch.ts'
import { type Committed, createTurn, type Turn, type Waiting } from './turn.ts'

/** Beyond the queue's bounds a command is refused as UNAVAILABLE. */
export interface WriterLimits {
  readonly queueCommands: number
  readonly queueBytes: number
}

export const WRITER_LIMITS: WriterLimits = {
  queueCommands: 10_000,
  queueBytes: 16_000_000,
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
 * Commits a tenant's commands in batches, one after the other and in the order of arrival: what arrives while one commits, or waits for its transaction, goes
 * together in the next, which may be on its way before that one is answered.
 */
export function createTenantWriter(
  committer: Committer,
  tenantId: string,
  { onCommit, onDoubt }: WriterListeners,
  limits: WriterLimits = WRITER_LIMITS,
): TenantWriter {
  const queue: Waiting[] = []
  let queuedBytes = 0
  /** It stands in the committer's line. */
  let inLine = false
  /** How many of its batches are under way. */
  let batches = 0

  const own: TenantQueue = {
    tenantId,
    get length() {
      return queue.length
    },
    take(room) {
      inLine = false
      return turnOf(takeBatch(queue, room))
    },
    takeBehind(room, behind) {
      const batch = takeBatch(queue, room, behind)
      return batch.length === 0 ? undefined : turnOf(batch)
    },
    done() {
      batches--
      if (queue.length > 0) goOn()
    },
    refuse(error) {
      inLine = false
      rejectAll(error)
    },
  }

  function turnOf(batch: readonly Waiting[]): Turn {
    batches++
    for (const { bytes } of batch) queuedBytes -= bytes
    const tell = (committed: Committed) => onCommit({ ...committed, more: inLine || batches > 0 })
    return createTurn(tenantId, batch, { onCommit: tell, onFailure })
  }

  function goOn(): void {
    if (inLine || batches > 0) {
      committer.look(own)
      return
    }
    inLine = true
    committer.lineUp(own)
  }

  function onFailure(error: unknown): void {
    if (!(error instanceof UnavailableError)) return
    if (!error.undone) onDoubt()
    if (error.silent) rejectAll(error)
  }

  function rejectAll(error: unknown): void {
    queuedBytes = 0
    for (const { reject } of queue.splice(0)) reject(error)
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
      goOn()
      return promise
    },
  }
}
