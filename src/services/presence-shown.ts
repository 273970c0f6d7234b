import type { PresenceRecord } from '../domain/records.ts'
import type { PresenceRegistry } from '../presence/presence.ts'
import type { createPresenceRooms, PresenceRoom } from './presence-rooms.ts'

export interface PresenceShownOptions {
  readonly rooms: ReturnType<typeof createPresenceRooms>
  readonly presence: PresenceRegistry
  publish(room: PresenceRoom, record: PresenceRecord): void
}

interface Shown {
  /** Null: not everyone in the room was shown the same. */
  readonly state: string | null
  /** Of the last change that had one. */
  readonly order: number | null
}

/** Of how many users the state is read at once. */
const READ_AT_ONCE = 500

/**
 * Shows changes to the rooms of this node, and remembers what each was shown last. Between nodes a change is told at most once: what a room may
 * have missed is found by reading the present state, and only what is other than what was shown is shown again.
 */
export function createPresenceShown({ rooms, presence, publish }: PresenceShownOptions) {
  const shown = new WeakMap<PresenceRoom, Map<string, Shown>>()
  /** Those who changed while the state is read: that is newer than what is read. */
  let moved: Set<string> | undefined
  let refreshing = false
  let again = false
  let closed = false

  function shownIn(room: PresenceRoom): Map<string, Shown> {
    const states = shown.get(room) ?? new Map<string, Shown>()
    shown.set(room, states)
    return states
  }

  function show(room: PresenceRoom, record: PresenceRecord, order: number | null = null): void {
    const states = shownIn(room)
    const last = states.get(record.userId)?.order ?? null
    if (order !== null && last !== null && order < last) return
    states.set(record.userId, { state: stateOf(record), order: order ?? last })
    publish(room, record)
  }

  function watched(): ReadonlyMap<string, ReadonlySet<string>> {
    const users = new Map<string, Set<string>>()
    for (const room of rooms.all()) {
      const tenant = users.get(room.tenantId) ?? new Set()
      users.set(room.tenantId, tenant)
      for (const userId of shownIn(room).keys()) if (room.users?.has(userId) ?? true) tenant.add(userId)
    }
    return users
  }

  async function refreshUsers(tenantId: string, userIds: readonly string[]): Promise<void> {
    const changed = new Set<string>()
    moved = changed
    for (const record of await presence.get(tenantId, userIds)) {
      if (closed || changed.has(userKey(tenantId, record.userId))) continue
      for (const room of rooms.of(tenantId, record.userId)) {
        const last = shownIn(room).get(record.userId)
        if (last !== undefined && last.state !== stateOf(record)) show(room, record)
      }
    }
  }

  async function refreshAll(): Promise<void> {
    for (const [tenantId, users] of watched()) {
      const ids = [...users]
      for (let from = 0; from < ids.length; from += READ_AT_ONCE) {
        await refreshUsers(tenantId, ids.slice(from, from + READ_AT_ONCE))
      }
    }
  }

  return {
    show: (room: PresenceRoom, record: PresenceRecord): void => show(room, record),
    /** A change that any node made or found; one that was overtaken by a later one is not shown. */
    changed(tenantId: string, record: PresenceRecord, order: number | null): void {
      moved?.add(userKey(tenantId, record.userId))
      for (const room of rooms.of(tenantId, record.userId)) show(room, record, order)
    },
    /** One who comes into the room sees these first. */
    began(room: PresenceRoom | undefined, records: readonly PresenceRecord[]): void {
      if (room === undefined) return
      const states = shownIn(room)
      for (const record of records) {
        const state = stateOf(record)
        const last = states.get(record.userId)
        const differs = last !== undefined && last.state !== state
        states.set(record.userId, { state: differs ? null : state, order: last?.order ?? null })
      }
    },
    /** Shows what was missed. Fails quietly: the next change, or the next time, shows it. */
    async refresh(): Promise<void> {
      again = true
      if (refreshing) return
      refreshing = true
      while (again && !closed) {
        again = false
        await refreshAll().catch(() => {})
      }
      refreshing = false
    },
    close(): void {
      closed = true
    },
  }
}

function stateOf({ status, statusText }: PresenceRecord): string {
  return JSON.stringify([status, statusText])
}

function userKey(tenantId: string, userId: string): string {
  return JSON.stringify([tenantId, userId])
}
