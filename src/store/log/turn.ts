import type { Row, Statement } from '../database/database.ts'
import { asTenant } from '../session.ts'
import type { CommittedBatch } from '../store.ts'
import { type Plan, planBatch, type Together } from './batch.ts'
import { headOf, lockedHeadStatement } from './head.ts'
import type { Queued } from './next-batch.ts'

/** A command that somebody waits for. */
export interface Waiting extends Queued {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** What one tenant has in a transaction: its batch as statements, and what becomes of those who wait for it. */
export interface Turn {
  readonly tenantId: string
  readonly commands: number
  readonly bytes: number
  /** Whose commands they are. */
  actors(): ReadonlySet<string>
  /**
   * Names the tenant, takes its lock in a statement of its own, so that every later statement sees what the lock waited for, and then does what the
   * commands ask. Throws what cannot be said as a statement.
   */
  statements(): readonly Statement[]
  /** What it asks, where one statement can serve it and other tenants at once; they are then named and locked by whoever makes it. */
  readonly together: Together | undefined
  /** Tells everyone what was committed, from the rows of each of its statements. */
  accept(results: readonly (readonly Row[])[]): void
  /** Tells everyone that nothing was committed, or that nobody knows. */
  fail(error: unknown): void
  /** Two turns in the order of this one's commands; none where there is only one command. */
  halves(): readonly Turn[]
}

/** What a turn has committed; its queue knows whether more follows. */
export type Committed = Omit<CommittedBatch, 'more'>

export interface TurnListeners {
  onCommit(batch: Committed): void
  onFailure(error: unknown): void
}

export function createTurn(tenantId: string, batch: readonly Waiting[], listeners: TurnListeners): Turn {
  let plan: Plan | undefined

  function planned(): Plan {
    const commands = batch.map(({ command }) => command)
    plan ??= planBatch(tenantId, commands)
    return plan
  }

  function reject(error: unknown): void {
    for (const waiting of batch) waiting.reject(error)
  }

  return {
    tenantId,
    commands: batch.length,
    bytes: batch.reduce((sum, { bytes }) => sum + bytes, 0),
    actors: () => new Set(batch.map(({ command: { kind, input } }) => kind.actor(input))),
    get together() {
      return planned().together
    },
    statements: () => [asTenant(tenantId), lockedHeadStatement(tenantId), ...planned().statements],
    accept([, heads = [], ...results]) {
      try {
        const outcomes = planned().outcomes(results)
        const events = outcomes.flatMap(outcome => outcome?.events ?? []).sort((a, b) => a.position - b.position)
        const receipts = outcomes.flatMap(outcome => outcome?.receipts ?? [])
        receipts.sort((a, b) => a.receiptPosition - b.receiptPosition)
        if (events.length > 0 || receipts.length > 0) listeners.onCommit({ after: headOf(heads), events, receipts })
        batch.forEach(({ resolve }, index) => {
          resolve(outcomes[index]?.result)
        })
      } catch (error) {
        reject(error)
      }
    },
    fail(error) {
      listeners.onFailure(error)
      reject(error)
    },
    halves() {
      if (batch.length === 1) return []
      const middle = Math.ceil(batch.length / 2)
      return [batch.slice(0, middle), batch.slice(middle)].map(half => createTurn(tenantId, half, listeners))
    },
  }
}
