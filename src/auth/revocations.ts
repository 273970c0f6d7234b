import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Bus } from '../bus/bus.ts'
import { CLOCK_TOLERANCE_MS, type Clock } from '../domain/clock.ts'
import type { RevocationTarget } from '../domain/revocation.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Logger } from '../observe/logger.ts'
import { command } from '../store/command.ts'
import { revoke } from '../store/commands/revoke.ts'
import { UnavailableError } from '../store/database/database.ts'
import type { Store } from '../store/store.ts'
import { createRevocationSweep } from './revocation-sweep.ts'
import { createTenantRevocations, type Remembered, type TenantRevocations } from './tenant-revocations.ts'
import { TokenError } from './token-error.ts'

/**
 * Which tokens are taken back. The store alone says so; what it said is remembered here for the tenants in use, and corrected when the bus says that
 * there is more, or, without it, by the next sweep.
 */
export interface Revocations {
  /** Rejects with `TokenError`: revoked; unavailable when the store cannot say and what it said last is too old to be believed. */
  check(viewer: Viewer): Promise<void>
  /**
   * For as long as a session is open: calls `onRevoked`, which never throws, once its token is taken back. The returned function ends the watch, and says
   * whether it was still on.
   */
  watch(viewer: Viewer, onRevoked: () => void): () => boolean
  /** Takes back, for the viewer's tenant. Resolves with the moment once it has effect here and the other nodes have been told. Rejects with `UnavailableError`. */
  revoke(viewer: Viewer, target: RevocationTarget): Promise<Date>
  close(): Promise<void>
}

export interface RevocationTimes {
  /** How often the store is asked what nobody told of. Milliseconds. */
  readonly sweepMs: number
  /** For how long the store's last answer is believed when it gives no other. Milliseconds. */
  readonly trustMs: number
}

export interface RevocationsDeps extends RevocationTimes {
  readonly store: Pick<Store, 'tenant' | 'heads'>
  readonly bus: Pick<Bus, 'publish' | 'subscribe' | 'onBack'>
  readonly clock: Clock
  readonly logger: Logger
  /** How long a token lives at most. */
  readonly maxLifetimeSeconds: number
}

/**
 * For how long a revocation is kept beyond the longest life of a token: the issuer's clock may be ahead of the database's, so that a token that is taken
 * back ends that much later, and this node's may be behind. Seconds.
 */
const KEEP_LONGER_SECONDS = (2 * CLOCK_TOLERANCE_MS) / 1000

/** What one node tells the others: how far the tenant's revocations go. It is the store that says which they are. */
const HINT = z.string().regex(/^[1-9]\d{0,15}$/)

export function createRevocations(deps: RevocationsDeps): Revocations {
  const { store, bus, clock, logger, maxLifetimeSeconds, trustMs } = deps
  const remembered: Remembered = new LRUCache({ max: 100_000 })
  const sweep = createRevocationSweep(deps)
  const stopHearing = bus.onBack(sweep.now)

  function enter(tenantId: string): TenantRevocations {
    return sweep.use(tenantId, () => {
      const stored = store.tenant(tenantId).revocations
      const revocations = createTenantRevocations({ tenantId, stored, clock, remembered, trustMs })
      const listening = bus.subscribe(channelOf(tenantId), message => hear(revocations, message))
      return { revocations, stop: () => void listening.then(stop => stop()) }
    })
  }

  function hear(tenant: TenantRevocations, message: string): void {
    const hint = HINT.safeParse(message)
    // What fails is found by the sweep.
    if (hint.success)
      tenant.reach(Number(hint.data)).catch(error => logger.debug({ error }, 'a revocation has to wait'))
  }

  async function check(viewer: Viewer): Promise<void> {
    try {
      await enter(viewer.tenantId).check(viewer)
    } catch (error) {
      throw error instanceof UnavailableError ? new TokenError('unavailable', { cause: error }) : error
    }
  }

  return {
    check,
    watch(viewer, onRevoked) {
      const stop = enter(viewer.tenantId).watch(viewer, onRevoked)
      // It may have been taken back since it was checked. Where nothing can be known its client is to come back and be checked again.
      check(viewer).catch(() => stop() && onRevoked())
      return stop
    },
    async revoke({ tenantId, userId }, target) {
      const input = { ...target, actorId: userId, keepSeconds: maxLifetimeSeconds + KEEP_LONGER_SECONDS }
      const made = await store.tenant(tenantId).log.submit(command(revoke, input))
      if (made === undefined) throw new Error('A revocation has no guard, and none was made.')
      bus.publish(channelOf(tenantId), String(made.revocationPosition))
      await enter(tenantId).reach(made.revocationPosition)
      return made.at
    },
    async close() {
      stopHearing()
      sweep.close()
    },
  }
}

function channelOf(tenantId: string): readonly string[] {
  return [tenantId, 'sessions']
}
