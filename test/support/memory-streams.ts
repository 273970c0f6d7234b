import { RequestError } from '../../src/domain/errors.ts'
import type { CommittedEvent } from '../../src/domain/event.ts'
import type { Store } from '../../src/store/store.ts'
import type { OpenRoom, RoomName, Streams } from '../../src/stream/streams.ts'

/** The rooms of one node, without a log: what rules about rooms rest on, in its plainest form. Every commit of the store is applied. */
export function createMemoryStreams(store: Store): Streams {
  const listeners: ((tenantId: string, event: CommittedEvent) => void)[] = []
  const rooms = new Map<string, Set<Listening>>()
  const apply: Streams['apply'] = (tenantId, { events }) => {
    for (const event of events) {
      for (const listener of listeners) listener(tenantId, event)
      if (event.kind === 'MemberLeft') revoke(tenantId, event.conversationId, event.refs.userId)
    }
  }
  store.onCommit(apply)

  function revoke(tenantId: string, conversationId: string, userId: string | undefined): void {
    for (const room of rooms.values()) for (const each of room) each.revoke(tenantId, conversationId, userId)
  }

  async function openRoom<Source>(tenantId: string, name: RoomName, request: OpenRoom<Source>) {
    const room = rooms.get(keyOf(tenantId, name)) ?? new Set()
    rooms.set(keyOf(tenantId, name), room)
    const leave = () => {
      if (room.delete(listening) && room.size === 0) rooms.delete(keyOf(tenantId, name))
    }
    const listening = listen(tenantId, request, leave)
    room.add(listening)
    try {
      listening.begin(await request.snapshot())
    } catch (error) {
      leave()
      throw error
    }
    return { close: leave }
  }

  return {
    tenant: tenantId => ({
      openInbox: () => Promise.reject(new Error('no log here')),
      openConversation: () => Promise.reject(new Error('no log here')),
      openRoom: (name, request) => openRoom(tenantId, name, request),
      publish(name, source) {
        for (const each of rooms.get(keyOf(tenantId, name)) ?? []) each.take(source)
      },
      occupied: name => rooms.has(keyOf(tenantId, name)),
    }),
    apply,
    onEvent: listener => {
      listeners.push(listener)
    },
    close: async () => rooms.clear(),
  }
}

interface Listening {
  begin(state: readonly unknown[]): void
  take(source: unknown): void
  revoke(tenantId: string, conversationId: string, userId: string | undefined): void
}

function listen<Source>(tenantId: string, request: OpenRoom<Source>, leave: () => void): Listening {
  const { selection, sink, conversationId, keyOf: sourceKey, accepts = () => true, newer = () => true } = request
  let held: Source[] | undefined = []
  const show = async (source: Source) => sink.write(await selection.render(source))
  return {
    begin(state: readonly Source[]) {
      const waiting = held ?? []
      held = undefined
      for (const source of state) void show(source)
      for (const source of waiting) {
        const said = state.find(each => sourceKey(each) !== null && sourceKey(each) === sourceKey(source))
        if (said === undefined || newer(source, said)) void show(source)
      }
    },
    take(source: Source) {
      if (!accepts(source)) return
      if (held === undefined) void show(source)
      else held.push(source)
    },
    revoke(tenant, conversation, userId) {
      if (tenant !== tenantId || conversation !== conversationId || userId !== sink.userId) return
      leave()
      sink.end(new RequestError('ACCESS_REVOKED', 'You are no longer in this conversation.'))
    },
  }
}

function keyOf(tenantId: string, name: RoomName): string {
  return JSON.stringify([tenantId, ...name])
}
