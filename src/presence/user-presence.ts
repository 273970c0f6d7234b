import type { PresenceRecord, PresenceStatus } from '../domain/records.ts'

/** A connection's share in its user's presence. */
export interface Lease {
  readonly user: UserPresence
  connectionId: string
  /** Milliseconds since the epoch. */
  lastActiveAt: number
  /** When it took its place in the queue by activity. Milliseconds since the epoch. */
  queuedAt: number
  /** Not active for the idle time. */
  idle: boolean
  /** When its connection was lost; null while it is open. */
  droppedAt: number | null
}

/** What is known of one user. Times are milliseconds since the epoch. */
export interface UserPresence {
  readonly tenantId: string
  readonly id: string
  /** Copied at each change: nearly every user has one or two. */
  leases: readonly Lease[]
  /** ONLINE: nothing below it was chosen. */
  choice: PresenceStatus
  statusText: string | null
  lastSeenAt: number | null
  /** When the last lease ended. */
  leftAt: number
  /** What was announced last. */
  shown: { readonly status: PresenceStatus; readonly statusText: string | null }
}

const RANK: Record<PresenceStatus, number> = { OFFLINE: 0, AWAY: 1, ONLINE: 2 }

export function newUser(tenantId: string, id: string): UserPresence {
  return {
    tenantId,
    id,
    leases: [],
    choice: 'ONLINE',
    statusText: null,
    lastSeenAt: null,
    leftAt: 0,
    shown: { status: 'OFFLINE', statusText: null },
  }
}

/** The lower of what the leases say and what the user chose. */
export function statusOf(user: UserPresence): PresenceStatus {
  const natural = naturalStatus(user)
  return RANK[user.choice] < RANK[natural] ? user.choice : natural
}

function naturalStatus(user: UserPresence): PresenceStatus {
  for (const lease of user.leases) if (!lease.idle) return 'ONLINE'
  return user.leases.length > 0 ? 'AWAY' : 'OFFLINE'
}

/** Who hides being online would betray it by a moving `lastSeenAt`: it stands still until the choice is taken back. */
export function seeAt(user: UserPresence, now: number): void {
  if (user.choice === 'ONLINE') user.lastSeenAt = Math.max(user.lastSeenAt ?? now, now)
}

/** The lease of that connection. */
export function leaseOf(user: UserPresence | undefined, connectionId: string): Lease | undefined {
  return user?.leases.find(lease => lease.connectionId === connectionId)
}

/** Whether its connection stands. */
export function isOpen({ droppedAt }: Lease): boolean {
  return droppedAt === null
}

/** Of the user's leases that are wanted, the one that was active last. */
export function latestLease(user: UserPresence, wanted: (lease: Lease) => boolean): Lease | undefined {
  let found: Lease | undefined
  for (const lease of user.leases) {
    if (!wanted(lease)) continue
    if (found === undefined || lease.lastActiveAt > found.lastActiveAt) found = lease
  }
  return found
}

export function recordOf(user: UserPresence): PresenceRecord {
  const { status, statusText } = user.shown
  const lastSeenAt = user.lastSeenAt === null ? null : new Date(user.lastSeenAt)
  return { userId: user.id, status, statusText, lastSeenAt }
}
