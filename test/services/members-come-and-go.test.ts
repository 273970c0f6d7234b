import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { openWorld, type World } from '../support/world.ts'

describe('coming and going', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  async function room(kind: 'GROUP' | 'PUBLIC', memberIds: readonly string[] = ['bob']) {
    const people = await world.people()
    const { thing } = await world.conversations.create(people.ada, { kind, title: 'Tea', memberIds })
    return { ...people, conversationId: thing.id }
  }
  const join = (viewer: Viewer, conversationId: string) => world.members.join(viewer, { conversationId })
  const leave = (viewer: Viewer, conversationId: string) => world.members.leave(viewer, { conversationId })
  const promote = (viewer: Viewer, conversationId: string, userId: string) =>
    world.members.update(viewer, { conversationId, userId, role: 'OWNER' })

  describe('joining', () => {
    it('makes a member who has nothing unread', async () => {
      const { ada, eve, conversationId } = await room('PUBLIC')
      await world.messages.send(ada, { conversationId, content: 'before', clientMessageId: '1' })
      const { thing, position } = await join(eve, conversationId)
      expect(thing).toMatchObject({
        memberCount: 3,
        lastSeq: 3,
        membership: { userId: 'eve', role: 'MEMBER', lastReadSeq: 3, lastReadAt: null, fromPosition: 3 },
      })
      const [event] = (await world.events(ada, conversationId)).slice(-1)
      expect(event).toMatchObject({ kind: 'MemberJoined', seq: 3, actorId: 'eve', refs: { userId: 'eve' } })
      expect(position).toEqual({ position: event?.position, mark: event?.mark })
    })

    it('is done once, however often and at once it is asked', async () => {
      const { ada, eve, conversationId } = await room('PUBLIC')
      const answers = await Promise.all(Array.from({ length: 10 }, () => join(eve, conversationId)))
      expect(answers.filter(({ position }) => position !== null)).toHaveLength(1)
      expect(answers.map(({ thing }) => thing.memberCount)).toEqual(answers.map(() => 3))
      expect(await world.story(ada, conversationId)).toEqual(['ConversationCreated 1', 'MemberJoined 2'])
      expect((await join(ada, conversationId)).position).toBeNull()
    })

    it('a GROUP is answered as what never existed', async () => {
      const { ada, eve, conversationId } = await room('GROUP')
      const at = ['NOT_FOUND', 'conversationId'] as const
      const told = await Promise.all(
        [conversationId, newId(), 'rubbish', 'a\0'].map(id => world.refuses(ada, at, () => join(eve, id))),
      )
      expect(new Set(told.map(each => JSON.stringify(each))).size).toBe(1)
      expect((await join(ada, conversationId)).position).toBeNull()
    })

    it('is refused where there is no room, and by no more than that', async () => {
      const { ada, cyd, dan, eve, conversationId } = await room('PUBLIC')
      const small = world.limitedTo({ maxConversationMembers: 3 })
      const outcomes = await Promise.allSettled(
        [cyd, dan, eve].map(viewer => small.members.join(viewer, { conversationId })),
      )
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected', 'rejected'])
      const outside = [cyd, dan, eve].filter((_, n) => outcomes[n]?.status === 'rejected')
      for (const viewer of outside) {
        const call = () => small.members.join(viewer, { conversationId })
        await world.refuses(ada, ['LIMIT_REACHED', 'conversationId'], call)
      }
      expect((await small.members.join(ada, { conversationId })).thing.memberCount).toBe(3)
    })

    it('again after leaving begins a membership anew', async () => {
      const { ada, bob, conversationId } = await room('PUBLIC')
      await leave(bob, conversationId)
      await world.messages.send(ada, { conversationId, content: 'meanwhile', clientMessageId: '1' })
      const { thing } = await join(bob, conversationId)
      expect(thing).toMatchObject({ memberCount: 2, membership: { fromPosition: 4, lastReadSeq: 4 } })
      expect((await world.story(ada, conversationId)).slice(1)).toEqual([
        'MemberLeft 2',
        'MessageSent 3',
        'MemberJoined 4',
      ])
    })

    it('what all had left makes the first one in its owner', async () => {
      const { ada, cyd, eve, conversationId } = await room('PUBLIC', [])
      await leave(ada, conversationId)
      const roles = await Promise.all(
        [eve, cyd].map(async viewer => (await join(viewer, conversationId)).thing.membership?.role),
      )
      expect(roles.toSorted()).toEqual(['MEMBER', 'OWNER'])
      expect(await world.tenantOf(ada).members.ownerCount(conversationId)).toBe(1)
    })
  })

  describe('leaving', () => {
    it('shows a GROUP no more, and a PUBLIC one as any stranger sees it', async () => {
      const group = await room('GROUP')
      const left = await leave(group.bob, group.conversationId)
      const [event] = (await world.events(group.ada)).slice(-1)
      expect(event).toMatchObject({ kind: 'MemberLeft', seq: 2, actorId: 'bob', refs: { userId: 'bob' } })
      expect(left).toEqual({ thing: null, position: { position: event?.position, mark: event?.mark } })
      const open = await room('PUBLIC')
      expect((await leave(open.bob, open.conversationId)).thing).toMatchObject({ memberCount: 1, membership: null })
    })

    it('twice is answered as one who never was in', async () => {
      const group = await room('GROUP')
      await leave(group.bob, group.conversationId)
      const again = () => leave(group.bob, group.conversationId)
      await world.refuses(group.ada, ['NOT_FOUND', 'conversationId'], again)
      const open = await room('PUBLIC')
      const never = () => leave(open.eve, open.conversationId)
      await world.refuses(open.ada, ['FORBIDDEN', 'conversationId'], never)
    })

    it('is refused to the last owner while others are in, until one of them is an owner', async () => {
      for (const kind of ['GROUP', 'PUBLIC'] as const) {
        const { ada, conversationId } = await room(kind)
        await world.refuses(ada, ['FORBIDDEN', 'conversationId'], () => leave(ada, conversationId))
        await world.members.update(ada, { conversationId, userId: 'bob', role: 'ADMIN' })
        await world.refuses(ada, ['FORBIDDEN', 'conversationId'], () => leave(ada, conversationId))
        await promote(ada, conversationId, 'bob')
        await leave(ada, conversationId)
        expect(await world.tenantOf(ada).members.ownerCount(conversationId)).toBe(1)
      }
    })

    it('is open to the last member, owner though they are', async () => {
      const { ada, bob, conversationId } = await room('GROUP')
      await leave(bob, conversationId)
      expect((await leave(ada, conversationId)).thing).toBeNull()
      const [found] = await world.tenantOf(ada).conversations.byIds([conversationId])
      expect(found).toMatchObject({ memberCount: 0, lastSeq: 3 })
    })

    it('takes the way back to what was said before', async () => {
      const { ada, bob, conversationId } = await room('PUBLIC')
      const message = { conversationId, content: 'mine', clientMessageId: '1' }
      const { thing } = await world.messages.send(bob, message)
      await leave(bob, conversationId)
      const messageId = thing.id
      expect(await world.messages.byIds(bob, [messageId])).toEqual([undefined])
      const at = ['NOT_FOUND', 'messageId'] as const
      await world.refuses(ada, at, () => world.messages.edit(bob, { messageId, content: 'no' }))
      await world.refuses(ada, at, () => world.messages.remove(bob, { messageId }))
      await world.refuses(ada, at, () => world.receipts.markRead(bob, { messageId }))
      await world.refuses(ada, at, () => world.receipts.markDelivered(bob, { messageId }))
      await world.refuses(ada, at, () => world.receipts.reportFailure(bob, { messageId, reason: 'no' }))
    })
  })
})
