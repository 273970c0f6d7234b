import type { Clock } from '../domain/clock.ts'
import { createListeners } from './listeners.ts'
import type { PresenceChange, PresenceRegistry } from './presence.ts'
import { createUserDirectory } from './user-directory.ts'
import {
  isOpen,
  type Lease,
  latestLease,
  leaseOf,
  recordOf,
  seeAt,
  statusOf,
  type UserPresence,
} from './user-presence.ts'

export interface MemoryPresenceOptions {
  readonly clock: Clock
  /** Without activity for this long on all connections a user is AWAY. Default: 5 minutes. */
  readonly idleMs?: number
  /** How long an abrupt close changes nothing. Default: 15 seconds. */
  readonly graceMs?: number
  /** How long a user who left is remembered, and with them `lastSeenAt`; who chose a status or a text is not forgotten by time. Default: 7 days. */
  readonly rememberMs?: number
  /** How many users who left are remembered, and as many again who chose; who left longest ago goes first. Default: 50,000. */
  readonly rememberMax?: number
  /** Hears of a listener that threw; the others were told all the same. Default: nobody does. */
  readonly onListenerError?: (error: unknown) => void
}

/**
 * A lease that is active again so soon keeps its place in the queue by activity: each operation of a client is activity, and to move one among ten thousand
 * costs 2 µs. Milliseconds.
 */
const STAYS_MS = 1_000

/**
 * Presence of a single node. Leases stand in two queues, one by when the connection was lost and one, roughly, by activity: idle time and
 * grace are constants, so nobody is due before the head of each, and one timer serves all users.
 */
export function createMemoryPresence(options: MemoryPresenceOptions): PresenceRegistry {
  const { clock, idleMs = 5 * 60_000, graceMs = 15_000, onListenerError = () => {} } = options
  const { rememberMs = 7 * 24 * 60 * 60_000, rememberMax = 50_000 } = options
  const users = createUserDirectory({ rememberMs, rememberMax })
  const byActivity = new Set<Lease>()
  const byLoss = new Set<Lease>()
  const listeners = createListeners<PresenceChange>(onListenerError)
  let timer: { readonly at: number; readonly cancel: () => void } | undefined
  let closed = false
  /** Nobody in the queue by activity is idle before then, though some stand there since before they were active last. */
  let noneIdleBefore = 0

  function nextDue(): number {
    const [idle] = byActivity
    const [lost] = byLoss
    const headAt = idle === undefined ? Number.POSITIVE_INFINITY : idle.queuedAt + idleMs
    // Past, and the head stands there all the same: it was active again.
    const idleAt = headAt > clock.now() ? headAt : noneIdleBefore
    const lostAt = lost === undefined ? Number.POSITIVE_INFINITY : (lost.droppedAt ?? 0) + graceMs
    return Math.min(idleAt, lostAt, users.nextDue())
  }

  /** Sees to it that the timer goes off when something is due. It may go off earlier, since activity moves what is due and not the timer. */
  function arm(): void {
    const at = nextDue()
    if (closed || at === Number.POSITIVE_INFINITY || (timer !== undefined && timer.at <= at)) return
    timer?.cancel()
    timer = { at, cancel: clock.after(Math.max(0, at - clock.now()), sweep) }
  }

  function sweep(): void {
    timer = undefined
    const now = clock.now()
    for (const lease of byLoss) {
      if ((lease.droppedAt ?? 0) + graceMs > now) break
      end(lease)
    }
    findIdle(now)
    users.forgetDue(now)
    arm()
  }

  function findIdle(now: number): void {
    let next = Number.POSITIVE_INFINITY
    for (const lease of byActivity) {
      const isPast = lease.queuedAt + idleMs <= now
      const at = (isPast ? lease.lastActiveAt : lease.queuedAt) + idleMs
      if (at > now) next = Math.min(next, at)
      if (!isPast) break
      if (at > now) continue
      byActivity.delete(lease)
      lease.idle = true
      announce(lease.user)
    }
    noneIdleBefore = Math.min(next, now + idleMs)
  }

  function end(lease: Lease): void {
    const { user } = lease
    byActivity.delete(lease)
    byLoss.delete(lease)
    user.leases = user.leases.filter(each => each !== lease)
    announce(user)
    if (user.leases.length === 0) users.release(user, clock.now())
  }

  function markActive(lease: Lease): void {
    const now = clock.now()
    lease.lastActiveAt = now
    seeAt(lease.user, now)
    const queuedFor = now - lease.queuedAt
    // Less than nothing: the clock was put back.
    if (!lease.idle && queuedFor >= 0 && queuedFor < STAYS_MS) return
    lease.idle = false
    lease.queuedAt = now
    byActivity.delete(lease)
    byActivity.add(lease)
  }

  /** The new connection stands in for the lost one, idleness and all: who comes back within the grace was never away. */
  function resume(lease: Lease, connectionId: string): void {
    lease.connectionId = connectionId
    lease.droppedAt = null
    byLoss.delete(lease)
  }

  function announce(user: UserPresence): void {
    const status = statusOf(user)
    const { statusText } = user
    if (status === user.shown.status && statusText === user.shown.statusText) return
    user.shown = { status, statusText }
    listeners.tell(user.tenantId, recordOf(user), null)
  }

  function open(tenantId: string, userId: string, connectionId: string): void {
    const user = users.obtain(tenantId, userId)
    users.hold(user)
    // The new connection goes on with the lease of a lost one.
    const lost = latestLease(user, lease => !isOpen(lease))
    if (lost !== undefined) {
      resume(lost, connectionId)
      return
    }
    const now = clock.now()
    const lease: Lease = { user, connectionId, lastActiveAt: now, queuedAt: now, idle: false, droppedAt: null }
    user.leases = user.leases.concat(lease)
    byActivity.add(lease)
    seeAt(user, now)
    announce(user)
  }

  return {
    connect(tenantId, userId, connectionId) {
      if (closed || leaseOf(users.find(tenantId, userId), connectionId) !== undefined) return
      open(tenantId, userId, connectionId)
      arm()
    },
    touch(tenantId, userId, connectionId) {
      const user = users.find(tenantId, userId)
      const lease = connectionId === null ? user && latestLease(user, isOpen) : leaseOf(user, connectionId)
      if (lease === undefined || !isOpen(lease)) return
      const { idle } = lease
      markActive(lease)
      if (!idle) return
      announce(lease.user)
      arm()
    },
    disconnect(tenantId, userId, connectionId, clean) {
      const lease = leaseOf(users.find(tenantId, userId), connectionId)
      if (lease === undefined) return
      if (clean) {
        end(lease)
      } else if (lease.droppedAt === null) {
        lease.droppedAt = clock.now()
        byLoss.add(lease)
      }
      arm()
    },
    async set(tenantId, userId, status, statusText) {
      const user = users.obtain(tenantId, userId)
      user.choice = status
      if (statusText !== undefined) user.statusText = statusText
      for (const lease of user.leases) seeAt(user, lease.lastActiveAt)
      announce(user)
      if (user.leases.length === 0) users.release(user, clock.now())
      arm()
      return recordOf(user)
    },
    async get(tenantId, userIds) {
      return userIds.map(userId => {
        const user = users.find(tenantId, userId)
        return user === undefined ? { userId, status: 'OFFLINE', statusText: null, lastSeenAt: null } : recordOf(user)
      })
    },
    onChange: listeners.add,
    onDoubt() {},
    async close() {
      closed = true
      timer?.cancel()
      timer = undefined
      users.clear()
      byActivity.clear()
      byLoss.clear()
    },
  }
}
