import type { PresenceRecord, PresenceStatus } from '../domain/records.ts'

/**
 * Leases of users' connections, and the one status that follows from them. A user is ONLINE while a connection was active within the idle time,
 * AWAY while all are idle, OFFLINE without one; a status the user chose (`set`) below that wins over it. Only a change of the aggregate is
 * announced. An abrupt close keeps its lease for the grace time, a clean one ends it at once.
 */
export interface PresenceRegistry {
  /**
   * A connection opened. `connectionId` is unique over all tenants and time. Within the grace it goes on where the lost one was, so that no change
   * shows.
   */
  connect(tenantId: string, userId: string, connectionId: string): void
  /**
   * The user did something on that connection: it is not idle. Null: by a request of its own, which counts for the open connection that was active
   * last, and for nothing where there is none.
   */
  touch(tenantId: string, userId: string, connectionId: string | null): void
  /** The connection closed; `clean` tells a goodbye from a lost network. */
  disconnect(tenantId: string, userId: string, connectionId: string, clean: boolean): void
  /**
   * What the user chose: ONLINE takes an earlier choice back; AWAY and OFFLINE hide being online. The text shows until it is changed: null takes
   * it away, undefined leaves it.
   */
  set(
    tenantId: string,
    userId: string,
    status: PresenceStatus,
    statusText: string | null | undefined,
  ): Promise<PresenceRecord>
  /**
   * The users' present state, in the order of the ids; OFFLINE and nothing else for an id that is not known. `lastSeenAt` is when the user was last
   * active on any connection, also while ONLINE, and null for one never seen; while a chosen status stands it does not move.
   */
  get(tenantId: string, userIds: readonly string[]): Promise<readonly PresenceRecord[]>
  /** Calls back at each change of a user's status or text, on the one node that made or found the change. */
  onChange(listener: ChangeListener): void
  /** Calls back when changes may have been lost between the nodes: what was shown of anyone should be read again. Never on a single node. */
  onDoubt(listener: () => void): void
  close(): Promise<void>
}

/**
 * Nodes hear of each other's changes in no promised order: of two changes of one user that have an `order`, the one with the larger is later. Null
 * where no other node can have changed the user.
 */
export type ChangeListener = (...change: PresenceChange) => void

export type PresenceChange = readonly [tenantId: string, presence: PresenceRecord, order: number | null]
