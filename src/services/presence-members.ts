import type { TenantStore } from '../store/store.ts'
import { conversationRoom, type createPresenceRooms, type PresenceRoom } from './presence-rooms.ts'

/** How many members one read brings. */
const CHUNK = 1_000

interface Load {
  /** Who joined (true) or left (false) while the members were read: that is newer than what was read. */
  readonly moved: Map<string, boolean>
  readonly done: Promise<void>
}

/** Keeps the rooms of conversations watching exactly the current members: read once when a room is made, then followed by events. */
export function createPresenceMembers(rooms: ReturnType<typeof createPresenceRooms>) {
  const loads = new WeakMap<PresenceRoom, Load>()

  async function read(tenant: TenantStore, conversationId: string, room: PresenceRoom, moved: Map<string, boolean>) {
    for (let cursor: readonly string[] | null = null, more = true; more; ) {
      const page = await tenant.members.ofConversation(conversationId, { direction: 'forward', count: CHUNK, cursor })
      for (const { userId } of page.items) if (moved.get(userId) !== false) rooms.add(room, userId)
      const last = page.items.at(-1)
      cursor = last === undefined ? null : [last.userId]
      more = page.hasNextPage && last !== undefined
    }
    moved.clear()
  }

  return {
    /** Resolves with the members once the room watches them all. */
    async of(tenant: TenantStore, conversationId: string, room: PresenceRoom): Promise<readonly string[]> {
      let load = loads.get(room)
      if (load === undefined) {
        const moved = new Map<string, boolean>()
        load = { moved, done: read(tenant, conversationId, room, moved) }
        loads.set(room, load)
      }
      await load.done
      return [...(room.users ?? [])]
    },
    /** The conversation's room, which from now on watches the user, or no longer does; undefined when nobody is in it. */
    move(tenantId: string, conversationId: string, userId: string, joined: boolean): PresenceRoom | undefined {
      const room = rooms.find(tenantId, conversationRoom(conversationId))
      if (room === undefined) return undefined
      loads.get(room)?.moved.set(userId, joined)
      if (joined) rooms.add(room, userId)
      else rooms.remove(room, userId)
      return room
    },
  }
}
