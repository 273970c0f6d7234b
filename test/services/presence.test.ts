import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { createMemoryPresence } from '../../src/presence/memory.ts'
import type { PresenceRegistry } from '../../src/presence/presence.ts'
import { createPresenceService, type PresenceDeps } from '../../src/services/presence.ts'
import { listening, newTenant, openWorld } from '../support/ephemeral-world.ts'

const requestError = (code: string) => expect.objectContaining({ name: 'RequestError', code })
type Watched = Parameters<ReturnType<typeof createPresenceService>['open']>[1]

describe('presence', () => {
  let world: Awaited<ReturnType<typeof openWorld>>
  let registry: PresenceRegistry
  let presence: ReturnType<typeof createPresenceService>
  let ada: Viewer
  let eve: Viewer
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    registry = createMemoryPresence({ clock: world.clock })
    presence = create()
    const viewer = await newTenant(world, 'ada', 'bob', 'cyd', 'eve')
    ;[ada, eve] = [viewer('ada'), viewer('eve')]
  })
  afterEach(() => Promise.all([presence.close(), registry.close()]))

  const create = (options: Partial<PresenceDeps> = {}) =>
    createPresenceService({ ...world, presence: registry, streams: world.node(), ...options })
  async function converse(viewer: Viewer, ...memberIds: string[]) {
    const { thing } = await world.conversations.create(viewer, { kind: 'GROUP', memberIds })
    return thing.id
  }
  async function listen(viewer: Viewer, of: Watched, service = presence) {
    const live = listening(viewer)
    const subscription = await service.open(viewer, of, live)
    return { ...live, close: () => subscription.close() }
  }
  const connect = (userId: string) => registry.connect(ada.tenantId, userId, `${ada.tenantId} ${userId}`)
  const disconnect = (userId: string) => registry.disconnect(ada.tenantId, userId, `${ada.tenantId} ${userId}`, true)

  describe('of named users', () => {
    it('is their state first, then each change, and nobody else', async () => {
      connect('bob')
      const live = await listen(ada, { userIds: ['bob', 'cyd', 'bob', 'nobody'] })
      const state = [
        { userId: 'bob', status: 'ONLINE' },
        { userId: 'cyd', status: 'OFFLINE', statusText: null, lastSeenAt: null },
        { userId: 'nobody', status: 'OFFLINE', statusText: null, lastSeenAt: null },
      ]
      await live.sees(state)
      connect('eve')
      connect('cyd')
      disconnect('bob')
      await live.sees([...state, { userId: 'cyd', status: 'ONLINE' }, { userId: 'bob', status: 'OFFLINE' }])
    })

    it('reaches each of many watchers with lists of their own', async () => {
      const lists = [['bob'], ['cyd'], ['cyd', 'bob'], ['bob', 'cyd'], []]
      const lives = await Promise.all(lists.map(userIds => listen(ada, { userIds })))
      connect('bob')
      for (const [n, list] of lists.entries()) {
        const state = list.map(userId => ({ userId, status: 'OFFLINE' }))
        await lives[n]?.sees(list.includes('bob') ? [...state, { userId: 'bob', status: 'ONLINE' }] : state)
      }
    })

    it('stops when the client leaves, and goes on for others of the same list', async () => {
      const [left, stayed] = [await listen(ada, { userIds: ['bob'] }), await listen(eve, { userIds: ['bob'] })]
      await left.sees([{ status: 'OFFLINE' }])
      left.close()
      left.close()
      connect('bob')
      await stayed.sees([{ status: 'OFFLINE' }, { status: 'ONLINE' }])
      expect(left.items).toHaveLength(1)
    })

    it('never crosses tenants', async () => {
      const stranger = (await newTenant(world, 'bob'))('bob')
      const theirs = [await listen(stranger, { userIds: ['bob'] }), await listen(stranger, {})]
      const ours = await listen(ada, { userIds: ['bob'] })
      await expect.poll(() => theirs.map(({ items }) => items.length)).toEqual([1, 1])
      connect('bob')
      await ours.sees([{ status: 'OFFLINE' }, { status: 'ONLINE' }])
      expect(theirs.map(({ items }) => items.length)).toEqual([1, 1])
    })

    it('is refused above 100 ids, in a query too', async () => {
      const userIds = Array.from({ length: 101 }, (_, n) => `user${n}`)
      await expect(listen(ada, { userIds })).rejects.toThrow(requestError('BAD_USER_INPUT'))
      await expect(presence.get(ada, userIds)).rejects.toThrow(requestError('BAD_USER_INPUT'))
      await expect(presence.get(ada, userIds.slice(1))).resolves.toHaveLength(100)
    })
  })

  describe('of a conversation', () => {
    it('is the state of its members first, then each change of theirs', async () => {
      const conversationId = await converse(ada, 'bob')
      const live = await listen(ada, { conversationId })
      await live.sees([{ userId: 'ada' }, { userId: 'bob' }])
      connect('eve')
      connect('bob')
      await live.sees([{ userId: 'ada' }, { userId: 'bob' }, { userId: 'bob', status: 'ONLINE' }])
    })

    it('follows who joins and who leaves', async () => {
      const conversationId = await converse(ada, 'bob')
      connect('cyd')
      const [live, later] = [await listen(ada, { conversationId }), await listen(ada, { conversationId })]
      await world.members.add(ada, { conversationId, userIds: ['cyd'] })
      await world.members.remove(ada, { conversationId, userId: 'bob' })
      connect('bob')
      disconnect('cyd')
      const shown = [
        { userId: 'ada' },
        { userId: 'bob', status: 'OFFLINE' },
        { userId: 'cyd', status: 'ONLINE' },
        { userId: 'cyd', status: 'OFFLINE' },
      ]
      await live.sees(shown)
      await later.sees(shown)
    })

    it('misses nobody who joins or leaves while the members are read', async () => {
      const conversationId = await converse(ada, 'bob')
      const store: typeof world.store = {
        ...world.store,
        tenant(id) {
          const tenant = world.store.tenant(id)
          return { ...tenant, members: { ...tenant.members, ofConversation: readThenWait } }
          async function readThenWait(...request: Parameters<typeof tenant.members.ofConversation>) {
            const page = await tenant.members.ofConversation(...request)
            await world.members.add(ada, { conversationId, userIds: ['cyd'] })
            await world.members.remove(ada, { conversationId, userId: 'bob' })
            return page
          }
        },
      }
      const raced = create({ store })
      const live = await listen(ada, { conversationId }, raced)
      connect('bob')
      connect('cyd')
      await expect.poll(() => live.items.at(-1)).toMatchObject({ userId: 'cyd', status: 'ONLINE' })
      expect(live.items.filter(({ userId }) => userId === 'bob')).toEqual([])
      await raced.close()
    })

    it('ends for one who is removed', async () => {
      const conversationId = await converse(ada, 'eve')
      const live = await listen(eve, { conversationId })
      await live.sees([{ userId: 'ada' }, { userId: 'eve' }])
      await world.members.remove(ada, { conversationId, userId: 'eve' })
      const witness = await listen(ada, { conversationId })
      connect('ada')
      await witness.sees([
        { userId: 'ada', status: 'OFFLINE' },
        { userId: 'ada', status: 'ONLINE' },
      ])
      expect(live.ends).toEqual([requestError('ACCESS_REVOKED')])
      expect(live.items).toHaveLength(2)
    })

    it('is refused to who is no member, alike for every reason, and above the size', async () => {
      const conversationId = await converse(ada, 'bob')
      const errors = await Promise.all(
        [conversationId, newId(), 'rubbish'].map(id => listen(eve, { conversationId: id }).catch(String)),
      )
      expect(new Set(errors).size).toBe(1)
      await expect(listen(eve, { conversationId })).rejects.toThrow(requestError('NOT_FOUND'))
      const small = create({ presenceTenantMaxUsers: 1 })
      await expect(listen(ada, { conversationId }, small)).rejects.toThrow(requestError('BAD_USER_INPUT'))
      await small.close()
    })
  })

  describe('of the tenant', () => {
    it('is the state of every user first, then each change', async () => {
      connect('bob')
      const live = await listen(ada, {})
      const state = ['ada', 'bob', 'cyd', 'eve'].map(userId => ({
        userId,
        status: userId === 'bob' ? 'ONLINE' : 'OFFLINE',
      }))
      await live.sees(state)
      connect('cyd')
      await live.sees([...state, { userId: 'cyd', status: 'ONLINE' }])
    })

    it('is refused above the configured size', async () => {
      const small = create({ presenceTenantMaxUsers: 3 })
      await expect(listen(ada, {}, small)).rejects.toThrow(requestError('BAD_USER_INPUT'))
      await expect(listen(ada, { userIds: ['bob'] }, small)).resolves.toMatchObject({ ends: [] })
      await small.close()
    })
  })

  it('is refused when both users and a conversation are given', async () => {
    const attempt = listen(ada, { userIds: [], conversationId: newId() })
    await expect(attempt).rejects.toThrow(requestError('BAD_USER_INPUT'))
  })

  it('reaches other nodes', async () => {
    const other = create({ presence: createMemoryPresence({ clock: world.clock }) })
    const live = await listen(ada, { userIds: ['bob'] }, other)
    connect('bob')
    await live.sees([
      { status: 'OFFLINE' },
      { status: 'ONLINE', lastSeenAt: new Date(world.clock.now()).toISOString() },
    ])
    await other.close()
  })

  it('does not show a change that a later one of another node has overtaken', async () => {
    const live = await listen(ada, { userIds: ['bob'] })
    const arrives = (status: string, order: number | null) => {
      const change = { userId: 'bob', status, statusText: null, lastSeenAt: null, order }
      world.bus.publish([ada.tenantId, 'presence'], JSON.stringify(change))
    }
    const shown = [{ status: 'OFFLINE' }]
    const isShown = async (status: string, order: number | null) => {
      arrives(status, order)
      shown.push({ status })
      await live.sees(shown)
    }
    await isShown('ONLINE', 7)
    arrives('OFFLINE', 6)
    await isShown('AWAY', 8)
    await isShown('OFFLINE', null)
    arrives('AWAY', 7)
    await isShown('ONLINE', 9)
  })

  it('takes no harm from rubbish on the bus', async () => {
    const live = await listen(ada, { userIds: ['bob'] })
    for (const message of ['', '{}', '{"userId":"bob","status":"HERE","statusText":null,"lastSeenAt":null}']) {
      world.bus.publish([ada.tenantId, 'presence'], message)
    }
    connect('bob')
    await live.sees([{ status: 'OFFLINE' }, { status: 'ONLINE' }])
  })

  describe('update', () => {
    it('shows the chosen status and text to who watches', async () => {
      connect('ada')
      const live = await listen(eve, { userIds: ['ada'] })
      const chosen = { status: 'AWAY', statusText: 'at lunch' } as const
      expect(await presence.update(ada, chosen)).toMatchObject({ userId: 'ada', ...chosen })
      await live.sees([{ status: 'ONLINE' }, chosen])
    })

    it('leaves a text that is not said, and takes it away for null and the empty one', async () => {
      const update = (statusText?: string | null) =>
        presence.update(ada, statusText === undefined ? { status: 'ONLINE' } : { status: 'ONLINE', statusText })
      expect((await update('busy')).statusText).toBe('busy')
      expect((await update()).statusText).toBe('busy')
      expect((await update('')).statusText).toBeNull()
      await update('busy')
      expect((await update(null)).statusText).toBeNull()
    })

    it('holds the text to 100 characters of one line', async () => {
      const update = (statusText: string) => presence.update(ada, { status: 'ONLINE', statusText })
      const refused = (code: string) => expect.objectContaining({ code, field: ['input', 'statusText'] })
      await expect(update('😀'.repeat(100))).resolves.toMatchObject({ statusText: '😀'.repeat(100) })
      await expect(update('😀'.repeat(101))).rejects.toThrow(refused('TOO_LONG'))
      for (const text of ['a\nb', '\0', '\u001b[0m', '\ud800']) {
        await expect(update(text)).rejects.toThrow(refused('INVALID'))
      }
    })
  })
})
