import { z } from 'zod'
import type { Bus } from '../bus/bus.ts'
import type { Clock } from '../domain/clock.ts'
import { RequestError } from '../domain/errors.ts'
import type { CommittedEvent } from '../domain/event.ts'
import type { PresenceRecord } from '../domain/records.ts'
import { checkText } from '../domain/text.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { PresenceRegistry } from '../presence/presence.ts'
import type { Store } from '../store/store.ts'
import type { RoomName, Streams } from '../stream/streams.ts'
import { listener } from './access.ts'
import { createPresenceMembers } from './presence-members.ts'
import { conversationRoom, createPresenceRooms, type PresenceRoom, TENANT_ROOM, usersRoom } from './presence-rooms.ts'
import { createPresenceShown } from './presence-shown.ts'
import { type Channel, createRelay } from './relay.ts'
import type { Live, PresenceService } from './services.ts'
import { type Keep, whileOpen } from './while-open.ts'

export interface PresenceDeps {
  readonly store: Store
  readonly streams: Streams
  readonly bus: Bus
  readonly presence: PresenceRegistry
  readonly clock: Clock
  /** A tenant or conversation of more users cannot be watched as a whole. Default: 1,000. */
  readonly presenceTenantMaxUsers?: number
}

/** The most users that one call may name. */
const USERS_MAX = 100
/** The longest status text, in code points. */
const STATUS_TEXT_MAX = 100

const change = z.object({
  userId: z.string(),
  status: z.enum(['ONLINE', 'AWAY', 'OFFLINE']),
  statusText: z.string().nullable(),
  lastSeenAt: z.iso
    .datetime()
    .transform(text => new Date(text))
    .nullable(),
  order: z.number().nullable(),
})

/** After the nodes could not reach each other: by then all are back, or count as dead. */
const SETTLED_MS = 15_000

const channelOf = (tenantId: string): Channel => [tenantId, 'presence']

/** Every user of a tenant may watch every other: a tenant is one team, and a conversation's id alone is what has to be earned. */
export function createPresenceService(deps: PresenceDeps): PresenceService & { close(): Promise<void> } {
  const { store, streams, bus, presence, clock, presenceTenantMaxUsers: maxUsers = 1_000 } = deps
  const rooms = createPresenceRooms()
  const members = createPresenceMembers(rooms)
  const shown = createPresenceShown({
    rooms,
    presence,
    publish: ({ tenantId, name }, record) => streams.tenant(tenantId).publish(name, record),
  })
  const relay = createRelay<PresenceRecord & { readonly order: number | null }>({
    bus,
    schema: change,
    arrived: ([tenantId], { order, ...record }) => shown.changed(tenantId, record, order),
  })
  presence.onChange((tenantId, record, order) => relay.publish(channelOf(tenantId), { ...record, order }))
  presence.onDoubt(() => void shown.refresh())
  let cancelRefresh: (() => void) | undefined
  const stopHearing = bus.onBack(() => {
    cancelRefresh ??= clock.after(SETTLED_MS, () => {
      cancelRefresh = undefined
      void shown.refresh()
    })
  })
  streams.onEvent(follow)

  function follow(tenantId: string, { kind, conversationId, refs: { userId } }: CommittedEvent): void {
    if (userId === undefined || (kind !== 'MemberJoined' && kind !== 'MemberLeft')) return
    const room = members.move(tenantId, conversationId, userId, kind === 'MemberJoined')
    if (room !== undefined && kind === 'MemberJoined') void showNow(room, userId)
  }

  /** The state of somebody who is new to a room. */
  async function showNow(room: PresenceRoom, userId: string): Promise<void> {
    try {
      for (const record of await presence.get(room.tenantId, [userId])) shown.show(room, record)
    } catch {
      // The user's next change shows it.
    }
  }

  /** `users` authorises, holds the room by `enter`, then tells whose state is shown first. */
  function openRoom(
    { tenantId }: Viewer,
    name: RoomName,
    { selection, sink }: Live<PresenceRecord>,
    users: (enter: Enter) => Promise<readonly string[]>,
    conversationId?: string,
  ) {
    const enterWith =
      (keep: Keep): Enter =>
      async userIds => {
        const { room, release } = rooms.hold(tenantId, name, userIds)
        keep(release)
        keep(await relay.listen(channelOf(tenantId)))
        return room
      }
    return whileOpen(sink, (held, keep) =>
      streams.tenant(tenantId).openRoom<PresenceRecord>(name, {
        selection,
        sink: held,
        ...(conversationId === undefined ? {} : { conversationId }),
        async snapshot() {
          const records = await presence.get(tenantId, await users(enterWith(keep)))
          shown.began(rooms.find(tenantId, name), records)
          return records
        },
        keyOf: record => record.userId,
        newer: (later, state) => later.status !== state.status || later.statusText !== state.statusText,
      }),
    )
  }

  function openUsers(viewer: Viewer, userIds: readonly string[], live: Live<PresenceRecord>) {
    const distinct = [...new Set(checkCount(userIds))]
    return openRoom(viewer, usersRoom(distinct), live, async enter => {
      await enter(distinct)
      return distinct
    })
  }

  function openConversation(viewer: Viewer, conversationId: string, live: Live<PresenceRecord>) {
    const tenant = store.tenant(viewer.tenantId)
    const users = async (enter: Enter) => {
      const { conversation } = await listener(tenant, viewer, conversationId)
      if (conversation.memberCount > maxUsers) throw tooMany('conversation')
      return members.of(tenant, conversationId, await enter([]))
    }
    return openRoom(viewer, conversationRoom(conversationId), live, users, conversationId)
  }

  function openTenant(viewer: Viewer, live: Live<PresenceRecord>) {
    return openRoom(viewer, TENANT_ROOM, live, async enter => {
      await enter(null)
      const userIds = await store.tenant(viewer.tenantId).users.ids(maxUsers + 1)
      if (userIds.length > maxUsers) throw tooMany('tenant')
      return userIds
    })
  }

  function tooMany(what: string): RequestError {
    const message = `The ${what} has more than ${maxUsers} users: name those to watch in userIds, at most ${USERS_MAX}.`
    return new RequestError('BAD_USER_INPUT', message)
  }

  return {
    async update({ tenantId, userId }, { status, statusText }) {
      const rule = { max: STATUS_TEXT_MAX, field: ['input', 'statusText'], empty: 'allow', controls: 'refuse' } as const
      if (typeof statusText === 'string') checkText(statusText, rule)
      return presence.set(tenantId, userId, status, statusText === '' ? null : statusText)
    },
    get: async ({ tenantId }, userIds) => presence.get(tenantId, checkCount(userIds)),
    async open(viewer, { userIds, conversationId }, live) {
      const users = userIds ?? null
      const conversation = conversationId ?? null
      if (users !== null && conversation !== null) {
        throw new RequestError('BAD_USER_INPUT', 'Give userIds or conversationId, not both.')
      }
      if (users !== null) return openUsers(viewer, users, live)
      return conversation !== null ? openConversation(viewer, conversation, live) : openTenant(viewer, live)
    },
    close() {
      stopHearing()
      cancelRefresh?.()
      shown.close()
      return relay.close()
    },
  }
}

/** Makes the subscription part of its room; resolves once no change can be missed. */
type Enter = (userIds: readonly string[] | null) => Promise<PresenceRoom>

function checkCount(userIds: readonly string[]): readonly string[] {
  if (userIds.length > USERS_MAX) {
    throw new RequestError('BAD_USER_INPUT', `At most ${USERS_MAX} users may be named at once.`)
  }
  return userIds
}
