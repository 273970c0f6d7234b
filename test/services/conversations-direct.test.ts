import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorld, type World } from '../support/world.ts'

describe('a direct conversation', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  it('has members alone, and no owner', async () => {
    const { ada } = await world.people()
    const { thing } = await world.conversations.create(ada, { kind: 'DIRECT', memberIds: ['bob'], metadata: { a: 1 } })
    expect(thing).toMatchObject({ kind: 'DIRECT', title: null, metadata: { a: 1 }, memberCount: 2, createdBy: 'ada' })
    expect(thing.membership?.role).toBe('MEMBER')
    expect(await world.tenantOf(ada).members.ownerCount(thing.id)).toBe(0)
  })

  it('is one for a set of people, whoever asks and in whatever order', async () => {
    const { ada, bob, cyd } = await world.people()
    const asked = [
      await world.conversations.create(ada, { kind: 'DIRECT', memberIds: ['bob', 'cyd'] }),
      await world.conversations.create(ada, { kind: 'DIRECT', memberIds: ['cyd', 'ada', 'bob', 'cyd'] }),
      await world.conversations.create(bob, { kind: 'DIRECT', memberIds: ['cyd', 'ada'] }),
      await world.conversations.create(cyd, { kind: 'DIRECT', memberIds: ['ada', 'bob'], metadata: 'ignored' }),
    ]
    expect(new Set(asked.map(({ thing }) => thing.id)).size).toBe(1)
    expect(asked.map(({ position }) => position === null)).toEqual([false, true, true, true])
    expect(asked.at(-1)?.thing).toMatchObject({ metadata: null, membership: { userId: 'cyd' } })
    expect(await world.story(ada, asked[0]?.thing.id ?? '')).toEqual(['ConversationCreated 1'])
  })

  it('is another for a larger or a smaller set', async () => {
    const { ada } = await world.people()
    const sets = [['bob'], ['bob', 'cyd'], ['cyd'], ['ada']]
    const made = await Promise.all(
      sets.map(memberIds => world.conversations.create(ada, { kind: 'DIRECT', memberIds })),
    )
    expect(new Set(made.map(({ thing }) => thing.id)).size).toBe(4)
    expect(made.map(({ thing }) => thing.memberCount)).toEqual([2, 3, 2, 1])
  })

  it('is one, though 20 callers ask at once, by creating and by sending', async () => {
    const { ada, bob } = await world.people()
    const ids = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const [viewer, other] = n % 2 === 0 ? [ada, 'bob'] : [bob, 'ada']
        if (n % 4 < 2) {
          return (await world.conversations.create(viewer, { kind: 'DIRECT', memberIds: [other] })).thing.id
        }
        const message = { userIds: [other], content: 'hi', clientMessageId: `${n}` }
        return (await world.messages.sendDirect(viewer, message)).thing.conversationId
      }),
    )
    expect(new Set(ids).size).toBe(1)
    const kinds = (await world.events(ada)).map(({ kind }) => kind)
    expect(kinds.filter(kind => kind === 'ConversationCreated')).toHaveLength(1)
    expect(kinds).toHaveLength(11)
    const page = { direction: 'forward', count: 10, cursor: null } as const
    for (const viewer of [ada, bob]) expect((await world.conversations.list(viewer, page)).items).toHaveLength(1)
  })

  it('refuses a title, nobody, and more than 20 people', async () => {
    const { ada } = await world.people()
    const create = (rest: object) => () => world.conversations.create(ada, { kind: 'DIRECT' as const, ...rest })
    await world.refuses(ada, ['INVALID', 'title'], create({ memberIds: ['bob'], title: 'Tea' }))
    await world.refuses(ada, ['INVALID', 'memberIds'], create({}))
    await world.refuses(ada, ['INVALID', 'memberIds'], create({ memberIds: [] }))
    const crowd = Array.from({ length: 20 }, (_, n) => `user-${n}`)
    for (const id of crowd) await world.tenantOf(ada).users.ensure({ id, name: null, avatarUrl: null })
    await world.refuses(ada, ['LIMIT_REACHED', 'memberIds'], create({ memberIds: crowd }))
    const largest = await create({ memberIds: [...crowd.slice(1), 'ada'] })()
    expect(largest.thing.memberCount).toBe(20)
  })

  it('cannot be changed, archived, joined, left, added to or taken from', async () => {
    const { ada, bob, eve } = await world.people()
    const { thing } = await world.conversations.create(ada, { kind: 'DIRECT', memberIds: ['bob'] })
    const conversationId = thing.id
    const at = ['FORBIDDEN', 'conversationId'] as const
    await world.refuses(ada, at, () => world.conversations.update(ada, { conversationId, title: 'Tea' }))
    await world.refuses(ada, at, () => world.conversations.archive(ada, { conversationId, archived: true }))
    await world.refuses(bob, at, () => world.members.leave(bob, { conversationId }))
    await world.refuses(ada, at, () => world.members.add(ada, { conversationId, userIds: ['eve'] }))
    await world.refuses(ada, at, () => world.members.remove(ada, { conversationId, userId: 'bob' }))
    await world.refuses(ada, at, () => world.members.update(ada, { conversationId, userId: 'ada', role: 'OWNER' }))
    await world.refuses(eve, ['NOT_FOUND', 'conversationId'], () => world.members.join(eve, { conversationId }))
    expect((await world.members.join(bob, { conversationId })).position).toBeNull()
  })
})
