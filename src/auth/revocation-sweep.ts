import type { Clock } from '../domain/clock.ts'
import type { Logger } from '../observe/logger.ts'
import type { Store } from '../store/store.ts'
import type { TenantRevocations } from './tenant-revocations.ts'

/** The tenants in use on this node, and the question, every so often, whether there is something new of them. */
export interface RevocationSweep {
  /** The tenant, made by `make` when it was not in use; it stays for as long as it has open sessions, and a while after its last use. */
  use(tenantId: string, make: () => InUse): TenantRevocations
  /** Asks at once. */
  now(): void
  close(): void
}

export interface InUse {
  readonly revocations: TenantRevocations
  /** The tenant is no longer in use. */
  stop(): void
}

/** How long a tenant without an open session is remembered. */
const IDLE_MS = 60_000

export function createRevocationSweep(deps: {
  readonly store: Pick<Store, 'heads'>
  readonly clock: Clock
  readonly logger: Logger
  readonly sweepMs: number
}): RevocationSweep {
  const { store, clock, logger, sweepMs } = deps
  const tenants = new Map<string, InUse & { usedAt: number }>()
  let cancel: (() => void) | undefined
  let sweeping = false
  let away = false
  let closed = false

  function schedule(delayMs: number): void {
    if (closed || sweeping || tenants.size === 0) return
    cancel?.()
    cancel = clock.after(delayMs, () => void sweep())
  }

  async function sweep(): Promise<void> {
    sweeping = true
    cancel = undefined
    dropIdle()
    try {
      await compareAll()
      away = false
    } catch (error) {
      if (!away && !closed) logger.warn({ error }, 'could not ask for revocations')
      away = true
    }
    sweeping = false
    schedule(sweepMs)
  }

  function dropIdle(): void {
    for (const [tenantId, tenant] of tenants) {
      if (tenant.revocations.watched > 0 || clock.now() < tenant.usedAt + IDLE_MS) continue
      tenants.delete(tenantId)
      tenant.stop()
    }
  }

  async function compareAll(): Promise<void> {
    const asked = [...tenants].flatMap(([tenantId, { revocations }]) => {
      const applied = revocations.applied()
      return applied === undefined ? [] : [{ tenantId, revocations, applied }]
    })
    if (asked.length === 0) return
    const askedAt = clock.now()
    const heads = await store.heads(asked.map(({ tenantId }) => tenantId))
    const compared = asked.map(({ tenantId, revocations, applied }) => {
      const { revocationPosition: position = 0, revocationMark: mark = 0n } = heads.get(tenantId) ?? {}
      return revocations.compare(applied, { position, mark }, askedAt)
    })
    await Promise.all(compared)
  }

  return {
    use(tenantId, make) {
      const present = tenants.get(tenantId)
      if (present !== undefined) {
        present.usedAt = clock.now()
        return present.revocations
      }
      const { revocations, stop } = make()
      tenants.set(tenantId, { revocations, stop, usedAt: clock.now() })
      if (cancel === undefined) schedule(sweepMs)
      return revocations
    },
    now: () => schedule(0),
    close() {
      closed = true
      cancel?.()
      for (const tenant of tenants.values()) tenant.stop()
      tenants.clear()
    },
  }
}
