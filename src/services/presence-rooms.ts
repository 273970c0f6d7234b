import { createHash } from 'node:crypto'
import type { RoomName } from '../stream/streams.ts'

/** A room of those who watch the presence of the same users. */
export interface PresenceRoom {
  readonly name: RoomName
  readonly tenantId: string
  /** Whom it watches; null is everybody of the tenant. */
  readonly users: Set<string> | null
}

interface Entry extends PresenceRoom {
  holds: number
}

/**
 * Which rooms a user's change goes to. A room per list of users, per conversation and per tenant, found by the user who changed: the cost of a
 * change is its audience, however many others of the tenant listen to somebody else.
 */
export function createPresenceRooms() {
  const rooms = new Map<string, Entry>()
  const byUser = new Map<string, Map<string, Set<PresenceRoom>>>()

  function watch(room: PresenceRoom, userId: string): void {
    const users = byUser.get(room.tenantId) ?? new Map<string, Set<PresenceRoom>>()
    byUser.set(room.tenantId, users)
    users.set(userId, (users.get(userId) ?? new Set()).add(room))
  }

  function unwatch(room: PresenceRoom, userId: string): void {
    const users = byUser.get(room.tenantId)
    const watching = users?.get(userId)
    if (users === undefined || watching === undefined) return
    watching.delete(room)
    if (watching.size === 0) users.delete(userId)
    if (users.size === 0) byUser.delete(room.tenantId)
  }

  function close(room: PresenceRoom): void {
    rooms.delete(keyOf(room.tenantId, room.name))
    for (const userId of room.users ?? []) unwatch(room, userId)
  }

  return {
    /** Holds the room; where nobody did yet it is made and watches `userIds`. `release` gives the hold back, once. */
    hold(tenantId: string, name: RoomName, userIds: readonly string[] | null) {
      const key = keyOf(tenantId, name)
      const found = rooms.get(key)
      const room = found ?? { tenantId, name, users: userIds === null ? null : new Set(userIds), holds: 0 }
      if (found === undefined) {
        rooms.set(key, room)
        for (const userId of room.users ?? []) watch(room, userId)
      }
      room.holds++
      return {
        room,
        release(): void {
          if (--room.holds === 0) close(room)
        },
      }
    },
    find: (tenantId: string, name: RoomName): PresenceRoom | undefined => rooms.get(keyOf(tenantId, name)),
    /** The room watches this user from now on. */
    add(room: PresenceRoom, userId: string): void {
      room.users?.add(userId)
      watch(room, userId)
    },
    remove(room: PresenceRoom, userId: string): void {
      room.users?.delete(userId)
      unwatch(room, userId)
    },
    /** Where a change of this user is to be shown. */
    of(tenantId: string, userId: string): readonly PresenceRoom[] {
      const watching = [...(byUser.get(tenantId)?.get(userId) ?? [])]
      const whole = rooms.get(keyOf(tenantId, TENANT_ROOM))
      return whole === undefined ? watching : [...watching, whole]
    },
    all: (): Iterable<PresenceRoom> => rooms.values(),
  }
}

export const TENANT_ROOM: RoomName = ['presence', 'tenant']

export function conversationRoom(conversationId: string): RoomName {
  return ['presence', 'conversation', conversationId]
}

/** `userIds` distinct: the same users in any order make the same room. */
export function usersRoom(userIds: readonly string[]): RoomName {
  const digest = createHash('sha256').update(JSON.stringify(userIds.toSorted())).digest('base64url')
  return ['presence', 'users', digest]
}

function keyOf(tenantId: string, name: RoomName): string {
  return JSON.stringify([tenantId, ...name])
}
