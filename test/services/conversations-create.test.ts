import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Json } from '../../src/domain/json.ts'
import { openWorld, type World } from '../support/world.ts'

describe('creating a conversation', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  it.each(['GROUP', 'PUBLIC'] as const)('makes a %s whose creator owns it and whose others are members', async kind => {
    const { ada } = await world.people()
    const { thing, position } = await world.conversations.create(ada, {
      kind,
      title: 'Tea',
      memberIds: ['bob', 'cyd', 'bob', 'ada'],
      metadata: { colour: ['green', null] },
    })
    expect(thing).toMatchObject({
      kind,
      title: 'Tea',
      metadata: { colour: ['green', null] },
      memberCount: 3,
      createdBy: 'ada',
      archivedAt: null,
      lastSeq: 1,
      lastMessageId: null,
      membership: { userId: 'ada', role: 'OWNER', lastReadSeq: 1, lastReadAt: null },
    })
    const [event] = await world.events(ada)
    expect(event).toMatchObject({
      kind: 'ConversationCreated',
      seq: 1,
      actorId: 'ada',
      refs: { memberIds: ['ada', 'bob', 'cyd'] },
      at: thing.createdAt,
    })
    expect(position).toEqual({ position: event?.position, mark: event?.mark })
    const keys = ['ada', 'bob', 'cyd', 'dan'].map(userId => ({ conversationId: thing.id, userId }))
    const members = await world.tenantOf(ada).members.byKeys(keys)
    expect(members.map(member => member?.role)).toEqual(['OWNER', 'MEMBER', 'MEMBER', undefined])
  })

  it('makes one of the creator alone, with neither title nor metadata', async () => {
    const { ada } = await world.people()
    const { thing } = await world.conversations.create(ada, { kind: 'GROUP' })
    expect(thing).toMatchObject({ title: null, metadata: null, memberCount: 1 })
  })

  it('refuses the whole when one member is nobody', async () => {
    const { ada } = await world.people()
    for (const stranger of ['nobody', '', 'a\0b', '\ud800', 'x'.repeat(10_000)]) {
      for (const kind of ['DIRECT', 'GROUP', 'PUBLIC'] as const) {
        const create = () => world.conversations.create(ada, { kind, memberIds: ['bob', stranger] })
        await world.refuses(ada, ['NOT_FOUND', 'memberIds'], create)
      }
    }
  })

  it('refuses more than 100 others, and more members than a conversation may have', async () => {
    const { ada } = await world.people()
    const crowd = Array.from({ length: 101 }, (_, n) => `user-${n}`)
    const named = (memberIds: readonly string[]) => () =>
      world.conversations.create(ada, { kind: 'GROUP' as const, memberIds })
    await world.refuses(ada, ['LIMIT_REACHED', 'memberIds'], named(crowd))
    const small = world.limitedTo({ maxConversationMembers: 2 })
    expect((await small.conversations.create(ada, { kind: 'GROUP', memberIds: ['bob'] })).thing.memberCount).toBe(2)
    for (const kind of ['GROUP', 'PUBLIC'] as const) {
      const create = () => small.conversations.create(ada, { kind, memberIds: ['bob', 'cyd'] })
      await world.refuses(ada, ['LIMIT_REACHED', 'memberIds'], create)
    }
  })

  it('refuses a title that is blank, too long or not one line of text', async () => {
    const { ada } = await world.people()
    const titled = (title: string) => () => world.conversations.create(ada, { kind: 'GROUP' as const, title })
    for (const title of ['', ' \u00a0', 'a\nb', 'a\u001b[31m', 'a\0', '\udc00']) {
      await world.refuses(ada, ['INVALID', 'title'], titled(title))
    }
    await world.refuses(ada, ['TOO_LONG', 'title'], titled('😀'.repeat(201)))
    const longest = '😀'.repeat(198).concat('\u202e\u2067')
    expect((await titled(longest)()).thing.title).toBe(longest)
  })

  it('holds metadata to 8 KB and 32 levels', async () => {
    const { ada } = await world.people()
    const about = (metadata: Json) => () => world.conversations.create(ada, { kind: 'GROUP' as const, metadata })
    await world.refuses(ada, ['TOO_LONG', 'metadata'], about('x'.repeat(8_191)))
    await world.refuses(ada, ['INVALID', 'metadata'], about(JSON.parse(`${'['.repeat(33)}${']'.repeat(33)}`)))
    await world.refuses(ada, ['INVALID', 'metadata'], about({ 'a\0': 1 }))
    for (const value of ['x'.repeat(8_190), JSON.parse(`${'['.repeat(32)}${']'.repeat(32)}`), 'null', 0, false]) {
      expect((await about(value)()).thing.metadata).toEqual(value)
    }
  })

  describe('again with the same key', () => {
    it('returns the first one as it is now, and makes nothing', async () => {
      const { ada } = await world.people()
      const input = { kind: 'GROUP', title: 'Tea', memberIds: ['bob', 'cyd'], idempotencyKey: 'k' } as const
      const first = await world.conversations.create(ada, input)
      await world.conversations.update(ada, { conversationId: first.thing.id, title: 'Coffee' })
      const again = await world.conversations.create(ada, { ...input, memberIds: ['cyd', 'bob', 'cyd'] })
      expect(again).toMatchObject({ thing: { id: first.thing.id, title: 'Coffee' }, position: null })
      expect(await world.events(ada)).toHaveLength(2)
    })

    it('makes one, though asked 20 times at once', async () => {
      const { ada } = await world.people()
      const create = () => world.conversations.create(ada, { kind: 'PUBLIC', idempotencyKey: 'k' })
      const made = await Promise.all(Array.from({ length: 20 }, create))
      expect(new Set(made.map(({ thing }) => thing.id)).size).toBe(1)
      expect(made.filter(({ position }) => position !== null)).toHaveLength(1)
      expect(await world.events(ada)).toHaveLength(1)
    })

    it('is a conflict when anything else differs', async () => {
      const { ada } = await world.people()
      const input = { kind: 'GROUP', title: 'Tea', metadata: 1, memberIds: ['bob'], idempotencyKey: 'k' } as const
      await world.conversations.create(ada, input)
      for (const other of [{ kind: 'PUBLIC' }, { title: null }, { metadata: 2 }, { memberIds: ['cyd'] }] as const) {
        const create = () => world.conversations.create(ada, { ...input, ...other })
        await world.refuses(ada, ['IDEMPOTENCY_CONFLICT', 'idempotencyKey'], create)
      }
    })

    it('is a conflict too when the key found a direct conversation instead of making one', async () => {
      const { ada } = await world.people()
      const { thing } = await world.conversations.create(ada, { kind: 'DIRECT', memberIds: ['bob'] })
      const keyed = { kind: 'DIRECT', memberIds: ['bob'], idempotencyKey: 'k' } as const
      for (let nth = 0; nth < 2; nth++) {
        expect(await world.conversations.create(ada, keyed)).toMatchObject({ thing: { id: thing.id }, position: null })
      }
      for (const other of [{ memberIds: ['cyd'] }, { kind: 'GROUP' }] as const) {
        const create = () => world.conversations.create(ada, { ...keyed, ...other })
        await world.refuses(ada, ['IDEMPOTENCY_CONFLICT', 'idempotencyKey'], create)
      }
      expect(await world.events(ada)).toHaveLength(1)
    })

    it('keeps each user’s keys apart', async () => {
      const { ada, bob } = await world.people()
      const input = { kind: 'GROUP', idempotencyKey: 'k' } as const
      const [one, other] = [await world.conversations.create(ada, input), await world.conversations.create(bob, input)]
      expect(other.thing.id).not.toBe(one.thing.id)
    })

    it('shows nothing of one that its creator has left', async () => {
      const { ada } = await world.people()
      const input = { kind: 'GROUP', title: 'Tea', idempotencyKey: 'k' } as const
      const { thing } = await world.conversations.create(ada, input)
      await world.members.leave(ada, { conversationId: thing.id })
      await world.refuses(ada, ['NOT_FOUND', null], () => world.conversations.create(ada, input))
    })

    it('refuses what can be no key', async () => {
      const { ada } = await world.people()
      const keyed = (idempotencyKey: string) => () =>
        world.conversations.create(ada, { kind: 'GROUP' as const, idempotencyKey })
      for (const key of ['', ' ', 'a\0', 'a\n', '\ud800']) {
        await world.refuses(ada, ['INVALID', 'idempotencyKey'], keyed(key))
      }
      await world.refuses(ada, ['TOO_LONG', 'idempotencyKey'], keyed('k'.repeat(129)))
    })
  })
})
