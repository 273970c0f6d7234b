import { newUser, type UserPresence } from './user-presence.ts'

export interface UserDirectoryOptions {
  /** How long a user without a connection is remembered who chose nothing. */
  readonly rememberMs: number
  /** How many users without a connection are remembered, and as many again who chose a status or a text. */
  readonly rememberMax: number
}

/**
 * The users of all tenants that are known here. Those with a connection are held; of those without, a bounded number is remembered, and who left
 * longest ago is forgotten first: then `lastSeenAt` is gone, and with the bound on choices passed, a chosen status too.
 */
export function createUserDirectory({ rememberMs, rememberMax }: UserDirectoryOptions) {
  const tenants = new Map<string, Map<string, UserPresence>>()
  const plain = new Set<UserPresence>()
  const choosing = new Set<UserPresence>()

  function hold(user: UserPresence): void {
    plain.delete(user)
    choosing.delete(user)
  }

  function forget(user: UserPresence): void {
    hold(user)
    const users = tenants.get(user.tenantId)
    if (users?.delete(user.id) && users.size === 0) tenants.delete(user.tenantId)
  }

  return {
    find: (tenantId: string, userId: string): UserPresence | undefined => tenants.get(tenantId)?.get(userId),
    /** The user, made when unknown. */
    obtain(tenantId: string, userId: string): UserPresence {
      const users = tenants.get(tenantId) ?? new Map<string, UserPresence>()
      tenants.set(tenantId, users)
      const user = users.get(userId) ?? newUser(tenantId, userId)
      users.set(userId, user)
      return user
    },
    /** The user has a connection again. */
    hold,
    /** The user has no connection any more, or changed their choice while without one. */
    release(user: UserPresence, now: number): void {
      hold(user)
      user.leftAt = now
      const chose = user.choice !== 'ONLINE' || user.statusText !== null
      const group = chose ? choosing : plain
      if (chose || user.lastSeenAt !== null) group.add(user)
      else forget(user)
      for (const oldest of group) {
        if (group.size <= rememberMax) break
        forget(oldest)
      }
    },
    forgetDue(now: number): void {
      for (const user of plain) {
        if (user.leftAt + rememberMs > now) break
        forget(user)
      }
    },
    /** When `forgetDue` has something to do. */
    nextDue(): number {
      const [first] = plain
      return first === undefined ? Number.POSITIVE_INFINITY : first.leftAt + rememberMs
    },
    clear(): void {
      tenants.clear()
      plain.clear()
      choosing.clear()
    },
    /** How many users are known. */
    size: (): number => [...tenants.values()].reduce((sum, users) => sum + users.size, 0),
  }
}
