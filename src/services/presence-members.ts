import type { TenantStore } from '../store/store.ts'
import { everyMember } from './every-member.ts'
import { conversationRoom, type createPresenceRooms, type PresenceRoom } from './presence-rooms.ts'

interface Load {
  /** Who joined (true) or left (false) while the members are read: that is newer than what is read. Null once they are. */
  moved: Map<string, boolean> | null
  readonly done: Promise<void>
}

/** Keeps the rooms of conversations watching exactly the current members: read once when a room is made, then followed by events. */
export function createPresenceMembers(rooms: ReturnType<typeof createPresenceRooms>) {
  const loads = new WeakMap<PresenceRoom, Load>()

  function load(tenant: TenantStore, conversationId: string, room: PresenceRoom): Load {
    const moved = new Map<string, boolean>()
    const started: Load = {
      moved,
      done: everyMember(tenant, conversationId).then(members => {
        for (const { userId } of members) if (moved.get(userId) !== false) rooms.add(room, userId)
        started.moved = null
      }),
    }
    return started
  }

  return {
    /** Resolves with the members once the room watches them all. */
    async of(tenant: TenantStore, conversationId: string, room: PresenceRoom): Promise<readonly string[]> {
      const present = loads.get(room) ?? load(tenant, conversationId, room)
      loads.set(room, present)
      await present.done
      return [...(room.users ?? [])]
    },
    /** The conversation's room, which from now on watches the user, or no longer does; undefined when nobody is in it. */
    move(tenantId: string, conversationId: string, userId: string, joined: boolean): PresenceRoom | undefined {
      const room = rooms.find(tenantId, conversationRoom(conversationId))
      if (room === undefined) return undefined
      loads.get(room)?.moved?.set(userId, joined)
      if (joined) rooms.add(room, userId)
      else rooms.remove(room, userId)
      return room
    },
  }
}
