import type { Clock } from '../domain/clock.ts'
import type { Cursor } from '../domain/position.ts'
import type { Logger } from '../observe/logger.ts'
import type { Store, TenantHead } from '../store/store.ts'

/** What is swept: the lives of tenants, by tenant. */
export interface Swept {
  /** The place of the last applied event; undefined while none is known. */
  applied(): Cursor | undefined
  /** The log ended at `head` when it was asked after `applied` had been reached. */
  compare(applied: Cursor, head: TenantHead): void
}

export interface Sweeper {
  /** There is something to sweep. */
  begin(): void
  /** Sweeps at once, and then at the pace of now: hints may have been missed. */
  hurry(): void
  /** There is nothing any more. */
  rest(): void
  close(): void
}

/**
 * Asks every so often where the logs end whose streams are alive here, in one query for all of them: what nobody told of is found, and a log that is
 * not the one that was applied.
 */
export function createSweeper(deps: {
  readonly store: Pick<Store, 'heads'>
  readonly clock: Clock
  readonly logger: Logger
  /** How long it waits from one sweep to the next, in milliseconds. */
  everyMs(): number
  readonly lives: ReadonlyMap<string, Swept>
}): Sweeper {
  const { store, clock, logger, everyMs, lives } = deps
  let cancel: (() => void) | undefined
  let away = false
  let sweeping = false
  let closed = false

  function schedule(): void {
    if (closed || sweeping || lives.size === 0) return
    cancel ??= clock.after(everyMs(), () => void sweep())
  }

  async function sweep(): Promise<void> {
    sweeping = true
    cancel = undefined
    try {
      await compareAll()
      away = false
    } catch (error) {
      if (!away && !closed) logger.warn({ error }, 'could not ask where the logs end')
      away = true
    }
    sweeping = false
    schedule()
  }

  async function compareAll(): Promise<void> {
    const asked = new Map<string, Cursor>()
    for (const [tenantId, life] of lives) {
      const applied = life.applied()
      if (applied !== undefined) asked.set(tenantId, applied)
    }
    if (asked.size === 0) return
    const heads = await store.heads([...asked.keys()])
    for (const [tenantId, applied] of asked) {
      const head = heads.get(tenantId)
      if (head !== undefined) lives.get(tenantId)?.compare(applied, head)
    }
  }

  return {
    begin: schedule,
    hurry() {
      if (cancel === undefined) return
      cancel()
      void sweep()
    },
    rest() {
      cancel?.()
      cancel = undefined
    },
    close() {
      closed = true
      cancel?.()
    },
  }
}
