import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { MemberRole } from '../../src/domain/records.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { openWorld, type World } from '../support/world.ts'

describe('members and their roles', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  /** Ada owns it, bob is its admin, cyd a member; dan and eve are outside. */
  async function room(kind: 'GROUP' | 'PUBLIC' = 'GROUP') {
    const people = await world.people()
    const input = { kind, title: 'Tea', memberIds: ['bob', 'cyd'] }
    const { thing } = await world.conversations.create(people.ada, input)
    await setRole(people.ada, thing.id, 'bob', 'ADMIN')
    return { ...people, conversationId: thing.id }
  }
  const add = (viewer: Viewer, conversationId: string, ...userIds: readonly string[]) =>
    world.members.add(viewer, { conversationId, userIds })
  const remove = (viewer: Viewer, conversationId: string, userId: string) =>
    world.members.remove(viewer, { conversationId, userId })
  const setRole = (viewer: Viewer, conversationId: string, userId: string, role: MemberRole) =>
    world.members.update(viewer, { conversationId, userId, role })
  async function roles(viewer: Viewer, conversationId: string) {
    const page = { direction: 'forward', count: 100, cursor: null } as const
    const { items } = await world.tenantOf(viewer).members.ofConversation(conversationId, page)
    return Object.fromEntries(items.map(({ userId, role }) => [userId, role]))
  }

  describe('adding', () => {
    it('brings each newcomer in by an event of their own, and passes over who is in', async () => {
      const { ada, bob, conversationId } = await room()
      const { thing, position } = await add(bob, conversationId, 'eve', 'cyd', 'dan', 'eve', 'ada')
      expect(thing).toMatchObject({ memberCount: 5, lastSeq: 4 })
      const events = (await world.events(ada, conversationId)).slice(2)
      expect(events.map(({ kind, seq, actorId, refs }) => [kind, seq, actorId, refs])).toEqual([
        ['MemberJoined', 3, 'bob', { userId: 'eve' }],
        ['MemberJoined', 4, 'bob', { userId: 'dan' }],
      ])
      expect(position).toEqual({ position: events[1]?.position, mark: events[1]?.mark })
      expect(await roles(ada, conversationId)).toEqual({
        ada: 'OWNER',
        bob: 'ADMIN',
        cyd: 'MEMBER',
        dan: 'MEMBER',
        eve: 'MEMBER',
      })
    })

    it('says nothing when all are in already, or nobody is named', async () => {
      const { ada, conversationId } = await room()
      const before = await world.story(ada, conversationId)
      expect((await add(ada, conversationId, 'bob', 'cyd')).position).toBeNull()
      expect((await add(ada, conversationId)).position).toBeNull()
      expect(await world.story(ada, conversationId)).toEqual(before)
    })

    it('is for an owner or an admin', async () => {
      for (const [kind, unseen] of [['GROUP', 'NOT_FOUND'] as const, ['PUBLIC', 'FORBIDDEN'] as const]) {
        const { ada, cyd, eve, conversationId } = await room(kind)
        await world.refuses(ada, ['FORBIDDEN', 'conversationId'], () => add(cyd, conversationId, 'dan'))
        await world.refuses(ada, [unseen, 'conversationId'], () => add(eve, conversationId, 'eve'))
        await world.refuses(ada, ['NOT_FOUND', 'conversationId'], () => add(ada, newId(), 'eve'))
      }
    })

    it('adds all or nobody', async () => {
      const { ada, conversationId } = await room()
      for (const stranger of ['nobody', '', 'a\0', '\ud800']) {
        await world.refuses(ada, ['NOT_FOUND', 'userIds'], () => add(ada, conversationId, 'dan', stranger))
      }
      const crowd = Array.from({ length: 101 }, (_, n) => `user-${n}`)
      await world.refuses(ada, ['LIMIT_REACHED', 'userIds'], () => add(ada, conversationId, ...crowd))
      const small = world.limitedTo({ maxConversationMembers: 4 })
      const both = () => small.members.add(ada, { conversationId, userIds: ['dan', 'eve'] })
      await world.refuses(ada, ['LIMIT_REACHED', 'conversationId'], both)
      const one = await small.members.add(ada, { conversationId, userIds: ['bob', 'dan'] })
      expect(one.thing.memberCount).toBe(4)
    })

    it('the same people many times at once adds them once', async () => {
      const { ada, bob, conversationId } = await room()
      const both = [ada, bob, ada, bob, ada]
      await Promise.all(both.map((viewer, n) => add(viewer, conversationId, n % 2 === 0 ? 'dan' : 'eve', 'dan')))
      expect((await world.story(ada, conversationId)).slice(2)).toEqual(['MemberJoined 3', 'MemberJoined 4'])
      expect((await world.conversations.byIds(ada, [conversationId]))[0]?.memberCount).toBe(5)
    })
  })

  describe('removing', () => {
    it('takes the member’s access by one event', async () => {
      const { ada, bob, cyd, conversationId } = await room()
      const { thing, position } = await remove(bob, conversationId, 'cyd')
      expect(thing).toMatchObject({ memberCount: 2, membership: { userId: 'bob' } })
      const [event] = (await world.events(ada, conversationId)).slice(-1)
      expect(event).toMatchObject({ kind: 'MemberLeft', seq: 3, actorId: 'bob', refs: { userId: 'cyd' } })
      expect(position).toEqual({ position: event?.position, mark: event?.mark })
      expect(await world.conversations.byIds(cyd, [conversationId])).toEqual([undefined])
      await world.refuses(ada, ['NOT_FOUND', 'userId'], () => remove(ada, conversationId, 'cyd'))
    })

    it('of an owner or an admin is for an owner', async () => {
      const { ada, bob, conversationId } = await room()
      await add(ada, conversationId, 'dan', 'eve')
      await setRole(ada, conversationId, 'dan', 'ADMIN')
      await setRole(ada, conversationId, 'eve', 'OWNER')
      for (const userId of ['ada', 'dan', 'eve']) {
        await world.refuses(ada, ['FORBIDDEN', 'userId'], () => remove(bob, conversationId, userId))
      }
      await remove(ada, conversationId, 'eve')
      await remove(ada, conversationId, 'dan')
      expect(await roles(ada, conversationId)).toEqual({ ada: 'OWNER', bob: 'ADMIN', cyd: 'MEMBER' })
    })

    it('is for an owner or an admin, and not of oneself', async () => {
      for (const [kind, unseen] of [['GROUP', 'NOT_FOUND'] as const, ['PUBLIC', 'FORBIDDEN'] as const]) {
        const { ada, cyd, eve, conversationId } = await room(kind)
        await world.refuses(ada, ['FORBIDDEN', 'conversationId'], () => remove(cyd, conversationId, 'bob'))
        await world.refuses(ada, [unseen, 'conversationId'], () => remove(eve, conversationId, 'bob'))
        await world.refuses(ada, ['INVALID', 'userId'], () => remove(ada, conversationId, 'ada'))
        await world.refuses(ada, ['NOT_FOUND', 'conversationId'], () => remove(ada, newId(), 'bob'))
      }
    })

    it('of nobody in it is NOT_FOUND, whoever that is', async () => {
      const { ada, conversationId } = await room()
      const told = []
      for (const userId of ['dan', 'nobody', '', 'a\0', '\ud800', 'x'.repeat(10_000)]) {
        told.push(await world.refuses(ada, ['NOT_FOUND', 'userId'], () => remove(ada, conversationId, userId)))
      }
      expect(new Set(told.map(each => JSON.stringify(each))).size).toBe(1)
    })
  })

  describe('changing a role', () => {
    it('is seen at once, and by an event', async () => {
      const { ada, cyd, conversationId } = await room()
      const { thing, position } = await setRole(ada, conversationId, 'cyd', 'ADMIN')
      expect(thing).toMatchObject({ conversationId, userId: 'cyd', role: 'ADMIN' })
      const [event] = (await world.events(ada, conversationId)).slice(-1)
      expect(event).toMatchObject({ kind: 'MemberUpdated', actorId: 'ada', refs: { userId: 'cyd' } })
      expect(position).toEqual({ position: event?.position, mark: event?.mark })
      expect((await add(cyd, conversationId, 'dan')).thing.memberCount).toBe(4)
      await setRole(ada, conversationId, 'cyd', 'MEMBER')
      await world.refuses(ada, ['FORBIDDEN', 'conversationId'], () => add(cyd, conversationId, 'eve'))
    })

    it('to the same says nothing', async () => {
      const { ada, conversationId } = await room()
      const before = await world.story(ada, conversationId)
      for (const [userId, role] of [['bob', 'ADMIN'] as const, ['ada', 'OWNER'] as const]) {
        expect(await setRole(ada, conversationId, userId, role)).toMatchObject({ thing: { role }, position: null })
      }
      expect(await world.story(ada, conversationId)).toEqual(before)
    })

    it('is for an owner', async () => {
      for (const [kind, unseen] of [['GROUP', 'NOT_FOUND'] as const, ['PUBLIC', 'FORBIDDEN'] as const]) {
        const { ada, bob, cyd, eve, conversationId } = await room(kind)
        for (const viewer of [bob, cyd]) {
          const call = () => setRole(viewer, conversationId, viewer.userId, 'OWNER')
          await world.refuses(ada, ['FORBIDDEN', 'conversationId'], call)
        }
        await world.refuses(ada, [unseen, 'conversationId'], () => setRole(eve, conversationId, 'eve', 'OWNER'))
        await world.refuses(ada, ['NOT_FOUND', 'conversationId'], () => setRole(ada, newId(), 'bob', 'OWNER'))
        for (const userId of ['dan', 'nobody', 'a\0']) {
          await world.refuses(ada, ['NOT_FOUND', 'userId'], () => setRole(ada, conversationId, userId, 'ADMIN'))
        }
      }
    })

    it('leaves an owner: the last one cannot step down, alone or not', async () => {
      const { ada, bob, conversationId } = await room()
      const stepDown = () => setRole(ada, conversationId, 'ada', 'MEMBER')
      await world.refuses(ada, ['FORBIDDEN', 'role'], stepDown)
      await setRole(ada, conversationId, 'bob', 'OWNER')
      await stepDown()
      expect(await roles(bob, conversationId)).toMatchObject({ ada: 'MEMBER', bob: 'OWNER' })
      const alone = (await world.conversations.create(ada, { kind: 'GROUP' })).thing.id
      await world.refuses(ada, ['FORBIDDEN', 'role'], () => setRole(ada, alone, 'ada', 'ADMIN'))
    })
  })
})
