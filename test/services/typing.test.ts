import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { createTypingService } from '../../src/services/typing.ts'
import type { TenantStore } from '../../src/store/store.ts'
import { listening, newTenant, openWorld } from '../support/ephemeral-world.ts'
import { say } from '../support/tenant-fixture.ts'

const refusal = (code: string) => expect.objectContaining({ name: 'Refusal', code })
const requestError = (code: string) => expect.objectContaining({ name: 'RequestError', code })

describe('typing', () => {
  let world: Awaited<ReturnType<typeof openWorld>>
  let typing: ReturnType<typeof createTypingService>
  let ada: Viewer
  let bob: Viewer
  let eve: Viewer
  let conversationId: string
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    typing = create()
    const viewer = await newTenant(world, 'ada', 'bob', 'eve')
    ;[ada, bob, eve] = [viewer('ada'), viewer('bob'), viewer('eve')]
    conversationId = await converse('GROUP')
  })
  afterEach(() => typing.close())

  const create = (options: { maxTypers?: number } = {}) =>
    createTypingService({ ...world, streams: world.node(), ...options })
  async function converse(kind: 'GROUP' | 'PUBLIC') {
    const { thing } = await world.conversations.create(ada, { kind, title: 'Tea', memberIds: ['bob'] })
    return thing.id
  }
  async function listen(viewer: Viewer, service = typing) {
    const live = listening(viewer)
    const subscription = await service.open(viewer, conversationId, live)
    return { ...live, close: () => subscription.close() }
  }
  const set = (viewer: Viewer, isTyping = true, service = typing) => service.set(viewer, { conversationId, isTyping })

  it('shows the others who is typing, and when it stops', async () => {
    const live = await listen(bob)
    const expiresAt = await set(ada)
    expect(expiresAt.getTime()).toBe(world.clock.now() + 10_000)
    await live.sees([{ conversationId, userId: 'ada', isTyping: true, expiresAt: expiresAt.toISOString() }])
    await set(ada, false)
    await live.sees([{ isTyping: true }, { conversationId, userId: 'ada', isTyping: false }])
  })

  it('begins with who is typing now, though nobody listened before', async () => {
    await set(ada)
    const live = await listen(bob)
    await live.sees([{ userId: 'ada', isTyping: true }])
  })

  it('shows nobody their own typing', async () => {
    await set(ada)
    const own = await listen(ada)
    await set(ada)
    await set(bob)
    await own.sees([{ userId: 'bob' }])
  })

  it('forgets it 10 seconds after the last renewal', async () => {
    const live = await listen(bob)
    await set(ada)
    world.clock.advance(9_000)
    await set(ada)
    world.clock.advance(9_999)
    await live.sees([{ isTyping: true }, { isTyping: true }])
    world.clock.advance(1)
    await live.sees([{ isTyping: true }, { isTyping: true }, { userId: 'ada', isTyping: false }])
    await (await listen(bob)).sees([])
  })

  it('ends with a message of that user and of no other', async () => {
    const tenant = world.store.tenant(ada.tenantId)
    const live = await listen(bob)
    await set(ada)
    await say(tenant, conversationId, 'bob')
    await say(tenant, await converse('GROUP'), 'ada')
    await live.sees([{ isTyping: true }])
    await say(tenant, conversationId, 'ada')
    await live.sees([{ isTyping: true }, { userId: 'ada', isTyping: false }])
    await say(tenant, conversationId, 'ada')
    await live.sees([{ isTyping: true }, { isTyping: false }])
  })

  it('ends with a message that another node committed', async () => {
    const other = createTypingService({
      ...world,
      store: { ...world.store, onCommit: () => {} },
      streams: world.node(),
    })
    const live = await listen(bob, other)
    await set(ada)
    await live.sees([{ isTyping: true }])
    await say(world.store.tenant(ada.tenantId), conversationId, 'ada')
    await live.sees([{ isTyping: true }, { userId: 'ada', isTyping: false }])
    await other.close()
  })

  it('goes on for the others when one listener leaves', async () => {
    const [left, stayed] = [await listen(bob), await listen(bob)]
    left.close()
    await set(ada)
    await stayed.sees([{ isTyping: true }])
  })

  it('ends when that user leaves', async () => {
    const live = await listen(ada)
    await set(bob)
    await world.members.leave(bob, { conversationId })
    await live.sees([{ isTyping: true }, { userId: 'bob', isTyping: false }])
  })

  it('is refused to one who leaves while the membership is read', async () => {
    let leaves = true
    const conversationsOf = ({ conversations }: TenantStore) => ({
      ...conversations,
      async byIdsOfUser(...asked: Parameters<typeof conversations.byIdsOfUser>) {
        const found = await conversations.byIdsOfUser(...asked)
        if (leaves) {
          leaves = false
          await world.members.leave(bob, { conversationId })
        }
        return found
      },
    })
    const tenant = (id: string) => ({
      ...world.store.tenant(id),
      conversations: conversationsOf(world.store.tenant(id)),
    })
    const late = createTypingService({ ...world, store: { ...world.store, tenant }, streams: world.node() })
    await expect(set(bob, true, late)).rejects.toEqual(refusal('NOT_FOUND'))
    const live = await listen(ada, late)
    await set(ada, true, late)
    expect(live.items).toEqual([])
    await late.close()
  })

  it('shows nothing to one who was removed', async () => {
    const live = await listen(bob)
    await world.members.leave(bob, { conversationId })
    await set(ada)
    expect([live.items, live.ends]).toEqual([[], [requestError('ACCESS_REVOKED')]])
  })

  it('refuses who is no member alike, whatever the reason that it cannot be seen', async () => {
    const elsewhere = (await newTenant(world, 'ada'))('ada')
    const attempts = [
      [eve, conversationId],
      [elsewhere, conversationId],
      [ada, newId()],
      [ada, 'rubbish\0'],
    ] as const
    const refusals = await Promise.all(
      attempts.map(([viewer, id]) => typing.set(viewer, { conversationId: id, isTyping: true }).catch(String)),
    )
    expect(new Set(refusals).size).toBe(1)
    await expect(typing.set(eve, { conversationId, isTyping: true })).rejects.toThrow(refusal('NOT_FOUND'))
    const errors = await Promise.all(
      attempts.map(([viewer, id]) => typing.open(viewer, id, listening(viewer)).catch(String)),
    )
    expect(new Set(errors).size).toBe(1)
    await expect(typing.open(eve, conversationId, listening(eve))).rejects.toThrow(requestError('NOT_FOUND'))
  })

  it('tells one who merely sees a PUBLIC conversation that only members may', async () => {
    conversationId = await converse('PUBLIC')
    await expect(set(eve)).rejects.toThrow(refusal('FORBIDDEN'))
    await expect(listen(eve)).rejects.toThrow(requestError('FORBIDDEN'))
  })

  it('is refused in an archived conversation', async () => {
    await world.conversations.archive(ada, { conversationId, archived: true })
    await expect(set(ada)).rejects.toThrow(refusal('ARCHIVED'))
  })

  it('reaches other nodes, which end it themselves when its own is gone', async () => {
    const other = create()
    const live = await listen(bob, other)
    await set(ada)
    await live.sees([{ userId: 'ada', isTyping: true }])
    await typing.close()
    world.clock.advance(10_000)
    await live.sees([{ isTyping: true }, { userId: 'ada', isTyping: false }])
    await other.close()
  })

  it('takes no harm from rubbish on the bus', async () => {
    const live = await listen(bob)
    for (const message of ['', 'null', '{', '{"userId":1}', '{"userId":"x","isTyping":true,"expiresAt":"soon"}']) {
      world.bus.publish([ada.tenantId, 'typing', conversationId], message)
    }
    await set(ada)
    await live.sees([{ userId: 'ada' }])
  })

  it('keeps no more indicators than its bound: the oldest ends early', async () => {
    await typing.close()
    typing = create({ maxTypers: 1 })
    const live = await listen(ada)
    await set(bob)
    const second = await converse('GROUP')
    await typing.set(ada, { conversationId: second, isTyping: true })
    await live.sees([
      { userId: 'bob', isTyping: true },
      { userId: 'bob', isTyping: false },
    ])
  })

  it('listens to the bus only while somebody here listens', async () => {
    const channels: string[] = []
    const bus: typeof world.bus = {
      ...world.bus,
      async subscribe(channel, listener) {
        const stop = await world.bus.subscribe(channel, listener)
        channels.push(channel.join())
        return () => {
          channels.splice(channels.indexOf(channel.join()), 1)
          stop()
        }
      },
    }
    const counted = createTypingService({ ...world, bus, streams: world.node() })
    await expect(listen(eve, counted)).rejects.toThrow(requestError('NOT_FOUND'))
    const lives = [await listen(ada, counted), await listen(bob, counted)]
    expect(channels).toEqual([[ada.tenantId, 'typing', conversationId].join()])
    for (const live of lives) live.close()
    await expect.poll(() => channels).toEqual([])
    await counted.close()
  })

  it('leaves no timer behind', async () => {
    await set(ada)
    await typing.close()
    expect(world.clock.pending).toBe(0)
  })
})
