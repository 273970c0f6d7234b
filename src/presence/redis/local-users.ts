import type { PresenceStatus } from '../../domain/records.ts'

/** What a user chose. Times are this node's, in milliseconds. */
export interface Choice {
  readonly status: PresenceStatus
  /** Undefined: as it was. */
  readonly statusText: string | null | undefined
  readonly chosenAt: number
}

export interface LocalConnection {
  activeAt: number
  /** When it was lost; null while it is open. */
  lostAt: number | null
}

export interface LocalUser {
  readonly connections: Map<string, LocalConnection>
  /** Null while it is not known. */
  choice: Choice | null
}

/** The users with a connection on this node, and what is told of them to a Redis that lost it. A lost connection is kept until `forgetLost`. */
export function createLocalUsers() {
  const users = new Map<string, LocalUser>()
  /** In the order of their loss. */
  const lost = new Map<LocalConnection, readonly [user: string, connectionId: string]>()

  function latestOpen(user: string): LocalConnection | undefined {
    let found: LocalConnection | undefined
    for (const connection of users.get(user)?.connections.values() ?? []) {
      if (connection.lostAt === null && (found === undefined || connection.activeAt > found.activeAt))
        found = connection
    }
    return found
  }

  function end(user: string, connectionId: string): void {
    const held = users.get(user)
    const connection = held?.connections.get(connectionId)
    if (held === undefined || connection === undefined) return
    lost.delete(connection)
    held.connections.delete(connectionId)
    if (held.connections.size === 0) users.delete(user)
  }

  return {
    names: () => users.keys(),
    find: (user: string): LocalUser | undefined => users.get(user),
    /** Whether it is new. */
    connect(user: string, connectionId: string, now: number): boolean {
      const held: LocalUser = users.get(user) ?? { connections: new Map(), choice: null }
      if (held.connections.has(connectionId)) return false
      users.set(user, held)
      const before = [...held.connections.values()].findLast(({ lostAt }) => lostAt !== null)
      held.connections.set(connectionId, { activeAt: before?.activeAt ?? now, lostAt: null })
      return true
    },
    /** Whether the connection is open here; null names the one that was active last. */
    touch(user: string, connectionId: string | null, now: number): boolean {
      const named = connectionId === null ? latestOpen(user) : users.get(user)?.connections.get(connectionId)
      if (named === undefined || named.lostAt !== null) return false
      named.activeAt = Math.max(named.activeAt, now)
      return true
    },
    /** Whether it was open. */
    lose(user: string, connectionId: string, now: number): boolean {
      const connection = users.get(user)?.connections.get(connectionId)
      if (connection === undefined || connection.lostAt !== null) return false
      connection.lostAt = now
      lost.set(connection, [user, connectionId])
      return true
    },
    end,
    /** Forgets the connections that were lost until `before`, and says which. */
    forgetLost(before: number): readonly (readonly [user: string, connectionId: string])[] {
      const gone = []
      for (const [{ lostAt }, names] of lost) {
        if (lostAt !== null && lostAt > before) break
        gone.push(names)
      }
      for (const [user, connectionId] of gone) end(user, connectionId)
      return gone
    },
    clear(): void {
      users.clear()
      lost.clear()
    },
  }
}
