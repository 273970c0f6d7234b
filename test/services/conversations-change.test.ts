import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { openWorld, type World } from '../support/world.ts'

describe('changing a conversation', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  /** Ada's, with bob as its admin and cyd as a member; eve may see it when it is PUBLIC. */
  async function room(kind: 'GROUP' | 'PUBLIC' = 'GROUP') {
    const people = await world.people()
    const input = { kind, title: 'Tea', metadata: { a: 1 }, memberIds: ['bob', 'cyd'] }
    const { thing } = await world.conversations.create(people.ada, input)
    await world.members.update(people.ada, { conversationId: thing.id, userId: 'bob', role: 'ADMIN' })
    return { ...people, conversationId: thing.id }
  }
  const update = (viewer: Viewer, input: Parameters<World['conversations']['update']>[1]) => () =>
    world.conversations.update(viewer, input)
  const archive = (viewer: Viewer, conversationId: string, archived = true) =>
    world.conversations.archive(viewer, { conversationId, archived })

  it('leaves what is absent and clears what is null', async () => {
    const { ada, bob, conversationId } = await room()
    const titled = await update(ada, { conversationId, title: 'Coffee' })()
    expect(titled.thing).toMatchObject({ title: 'Coffee', metadata: { a: 1 }, membership: { role: 'OWNER' } })
    const untitled = await update(bob, { conversationId, title: null })()
    expect(untitled.thing).toMatchObject({ title: null, metadata: { a: 1 }, membership: { role: 'ADMIN' } })
    const bare = await update(ada, { conversationId, metadata: null })()
    expect(bare.thing).toMatchObject({ title: null, metadata: null })
    const both = await update(ada, { conversationId, title: 'Tea', metadata: [0] })()
    expect(both.thing).toMatchObject({ title: 'Tea', metadata: [0] })
    const events = (await world.events(ada, conversationId)).slice(2)
    expect(events.map(({ kind, actorId }) => `${kind} ${actorId}`)).toEqual(
      ['ada', 'bob', 'ada', 'ada'].map(userId => `ConversationUpdated ${userId}`),
    )
    expect(both.position).toMatchObject({ position: both.thing.lastPosition, mark: events.at(-1)?.mark })
  })

  it('writes nothing when nothing is said', async () => {
    const { ada, conversationId } = await room()
    const before = await world.story(ada, conversationId)
    expect(await update(ada, { conversationId })()).toMatchObject({ thing: { title: 'Tea' }, position: null })
    expect(await world.story(ada, conversationId)).toEqual(before)
  })

  it('is for an owner or an admin', async () => {
    for (const kind of ['GROUP', 'PUBLIC'] as const) {
      const { ada, cyd, eve, conversationId } = await room(kind)
      const unseen = kind === 'GROUP' ? 'NOT_FOUND' : 'FORBIDDEN'
      for (const [viewer, code] of [[cyd, 'FORBIDDEN'] as const, [eve, unseen] as const]) {
        const at = [code, 'conversationId'] as const
        await world.refuses(ada, at, update(viewer, { conversationId, title: 'Mine' }))
        await world.refuses(ada, at, update(viewer, { conversationId }))
        await world.refuses(ada, at, () => archive(viewer, conversationId))
      }
      for (const id of [newId(), 'rubbish', '', 'a\0', '\ud800', conversationId.toUpperCase()]) {
        await world.refuses(ada, ['NOT_FOUND', 'conversationId'], update(ada, { conversationId: id, title: 'Tea' }))
        await world.refuses(ada, ['NOT_FOUND', 'conversationId'], () => archive(ada, id))
      }
    }
  })

  it('refuses words that cannot be kept', async () => {
    const { ada, conversationId } = await room()
    await world.refuses(ada, ['INVALID', 'title'], update(ada, { conversationId, title: '' }))
    await world.refuses(ada, ['TOO_LONG', 'title'], update(ada, { conversationId, title: 'x'.repeat(201) }))
    await world.refuses(ada, ['INVALID', 'metadata'], update(ada, { conversationId, metadata: ['\ud800'] }))
    const large = { conversationId, metadata: 'x'.repeat(8_191) }
    await world.refuses(ada, ['TOO_LONG', 'metadata'], update(ada, large))
  })

  it('counts every one of many changes at once', async () => {
    const { ada, bob, conversationId } = await room()
    const titles = ['1', '2', '3', '4', '5', '6']
    await Promise.all(titles.map((title, n) => update(n % 2 === 0 ? ada : bob, { conversationId, title })()))
    expect(await world.story(ada, conversationId)).toHaveLength(8)
    const [found] = await world.conversations.byIds(ada, [conversationId])
    expect(titles).toContain(found?.title)
    expect(found?.lastSeq).toBe(8)
  })

  it('is done also for one who is put out before the answer', async () => {
    const { ada, bob, conversationId } = await room()
    const { log } = world.tenantOf(bob)
    const submit = log.submit
    const interrupted = world.over(async command => {
      const result = await submit(command)
      await world.members.remove(ada, { conversationId, userId: 'bob' })
      return result
    })
    const { thing, position } = await interrupted.conversations.update(bob, { conversationId, title: 'Last words' })
    expect(thing).toMatchObject({ id: conversationId, title: 'Tea', membership: null })
    const events = await world.events(ada, conversationId)
    expect(events.map(({ kind }) => kind).slice(2)).toEqual(['ConversationUpdated', 'MemberLeft'])
    expect(position?.position).toBe(events.at(-2)?.position)
  })

  describe('archiving', () => {
    it('is undone by the same call, and says nothing when there is nothing to do', async () => {
      const { ada, bob, conversationId } = await room()
      expect((await archive(ada, conversationId, false)).position).toBeNull()
      const archived = await archive(bob, conversationId)
      const [event] = (await world.events(ada, conversationId)).slice(-1)
      expect(event).toMatchObject({ kind: 'ConversationUpdated', actorId: 'bob', at: archived.thing.archivedAt })
      expect(await archive(ada, conversationId)).toMatchObject({
        thing: { archivedAt: archived.thing.archivedAt },
        position: null,
      })
      expect((await archive(ada, conversationId, false)).thing.archivedAt).toBeNull()
      expect(await world.story(ada, conversationId)).toHaveLength(4)
    })

    it('refuses everything new', async () => {
      const { ada, bob, cyd, dan, conversationId } = await room('PUBLIC')
      const said = await world.messages.send(cyd, { conversationId, content: 'hi', clientMessageId: '1' })
      await archive(ada, conversationId)
      const at = ['ARCHIVED', 'conversationId'] as const
      await world.refuses(ada, at, update(bob, { conversationId, title: 'Coffee' }))
      await world.refuses(ada, at, update(ada, { conversationId }))
      await world.refuses(ada, at, () => world.members.join(dan, { conversationId }))
      await world.refuses(ada, at, () => world.members.add(ada, { conversationId, userIds: ['dan'] }))
      await world.refuses(ada, at, () => world.members.update(ada, { conversationId, userId: 'cyd', role: 'ADMIN' }))
      const message = { conversationId, content: 'hi', clientMessageId: '2' }
      await world.refuses(ada, at, () => world.messages.send(cyd, message))
      const edit = { messageId: said.thing.id, content: 'ha' }
      await world.refuses(ada, ['ARCHIVED', 'messageId'], () => world.messages.edit(cyd, edit))
    })

    it('lets retry, read, receipt, delete, leave and put out', async () => {
      const { ada, bob, cyd, conversationId } = await room()
      const message = { conversationId, content: 'hi', clientMessageId: '1' }
      const said = await world.messages.send(cyd, message)
      await archive(ada, conversationId)
      expect((await world.messages.send(cyd, message)).thing).toEqual(said.thing)
      expect(await world.messages.byIds(ada, [said.thing.id])).toEqual([said.thing])
      expect((await world.receipts.markRead(bob, { messageId: said.thing.id })).lastReadSeq).toBe(said.thing.seq)
      expect((await world.messages.remove(bob, { messageId: said.thing.id })).thing.content).toBeNull()
      await world.members.remove(bob, { conversationId, userId: 'cyd' })
      await world.members.leave(bob, { conversationId })
      expect((await world.conversations.byIds(ada, [conversationId]))[0]?.memberCount).toBe(1)
    })

    it('takes what was refused again once it is undone', async () => {
      const { ada, cyd, conversationId } = await room()
      const message = { conversationId, content: 'hi', clientMessageId: '1' }
      await archive(ada, conversationId)
      await world.refuses(ada, ['ARCHIVED', 'conversationId'], () => world.messages.send(cyd, message))
      await archive(ada, conversationId, false)
      expect((await world.messages.send(cyd, message)).thing.content).toBe('hi')
    })
  })
})
