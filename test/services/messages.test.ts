import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { openWorld, type World } from '../support/world.ts'

describe('messages that change', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let conversationId: string
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())
  /** Ada owns it, bob is its admin, cyd and dan are members; eve is outside. */
  beforeEach(async () => {
    people = await world.people()
    const { thing } = await world.conversations.create(people.ada, { kind: 'GROUP', memberIds: ['bob', 'cyd', 'dan'] })
    conversationId = thing.id
    await world.members.update(people.ada, { conversationId, userId: 'bob', role: 'ADMIN' })
  })

  async function say(viewer: Viewer, content = 'hi') {
    const input = { conversationId, content, clientMessageId: newId(), mentions: ['ada'], metadata: { a: 1 } }
    return (await world.messages.send(viewer, input)).thing
  }
  const edit = (viewer: Viewer, messageId: string, content = 'ha', expectedVersion?: number | null) =>
    world.messages.edit(viewer, { messageId, content, ...(expectedVersion !== undefined && { expectedVersion }) })
  const remove = (viewer: Viewer, messageId: string) => world.messages.remove(viewer, { messageId })
  const stored = async (id: string) => (await world.messages.byIds(people.ada, [id]))[0]
  const lastEvent = async () => (await world.events(people.ada)).at(-1)
  const badIds = () => [newId(), conversationId, 'rubbish', '', 'a\0', '\ud800']

  describe('editing', () => {
    it('gives the sender’s message other words and nothing else', async () => {
      const said = await say(people.cyd)
      const { thing, position } = await edit(people.cyd, said.id, 'ha')
      const event = await lastEvent()
      expect(thing).toEqual({ ...said, content: 'ha', version: 2, editedAt: event?.at })
      expect(await stored(said.id)).toEqual(thing)
      const refs = { messageId: said.id, version: 2 }
      expect(event).toMatchObject({ kind: 'MessageEdited', seq: said.seq + 1, actorId: 'cyd', refs })
      expect(position).toEqual({ position: event?.position, mark: event?.mark })
      expect((await world.conversations.byIds(people.ada, [conversationId]))[0]?.lastMessageId).toBe(said.id)
    })

    it('is for its sender alone, owner or not', async () => {
      const { ada, bob, cyd, dan, eve } = people
      const { id } = await say(cyd)
      for (const viewer of [ada, bob, dan]) {
        await world.refuses(ada, ['FORBIDDEN', 'messageId'], () => edit(viewer, id))
      }
      const told = [await world.refuses(ada, ['NOT_FOUND', 'messageId'], () => edit(eve, id))]
      for (const strange of badIds()) {
        told.push(await world.refuses(ada, ['NOT_FOUND', 'messageId'], () => edit(cyd, strange)))
      }
      expect(new Set(told.map(each => JSON.stringify(each))).size).toBe(1)
    })

    it('holds the new words to what the first ones had to be', async () => {
      const { ada } = people
      const { id } = await say(ada)
      for (const content of ['', ' \n', 'a\0', '\ud800']) {
        await world.refuses(ada, ['INVALID', 'content'], () => edit(ada, id, content))
      }
      await world.refuses(ada, ['TOO_LONG', 'content'], () => edit(ada, id, '😀'.repeat(10_001)))
      const longest = '😀'.repeat(10_000)
      await edit(ada, id, longest)
      expect((await stored(id))?.content === longest).toBe(true)
    })

    it('goes on from the expected version alone', async () => {
      const { ada } = people
      const { id } = await say(ada)
      expect((await edit(ada, id, '2', 1)).thing.version).toBe(2)
      for (const version of [1, 3, 0, -1]) {
        await world.refuses(ada, ['CONFLICT', 'expectedVersion'], () => edit(ada, id, 'no', version))
      }
      expect((await edit(ada, id, '3', null)).thing.version).toBe(3)
      expect((await edit(ada, id, '4')).thing.version).toBe(4)
    })

    it('of a deleted message is refused, and brings no words back', async () => {
      const { ada, cyd } = people
      const { id } = await say(cyd)
      await remove(ada, id)
      await world.refuses(ada, ['DELETED', 'messageId'], () => edit(cyd, id))
      await world.refuses(ada, ['DELETED', 'messageId'], () => edit(cyd, id, 'ha', 2))
      expect((await stored(id))?.content).toBeNull()
    })
  })

  describe('deleting', () => {
    it('leaves a tombstone without words', async () => {
      const { ada, cyd } = people
      const said = await say(cyd)
      await edit(cyd, said.id)
      const { thing, position } = await remove(cyd, said.id)
      const event = await lastEvent()
      expect(thing).toMatchObject({
        id: said.id,
        seq: said.seq,
        senderId: 'cyd',
        createdAt: said.createdAt,
        content: null,
        metadata: null,
        mentions: [],
        version: 3,
        deletedAt: event?.at,
      })
      expect(await stored(said.id)).toEqual(thing)
      const refs = { messageId: said.id, version: 3 }
      expect(event).toMatchObject({ kind: 'MessageDeleted', actorId: 'cyd', refs })
      expect(position).toEqual({ position: event?.position, mark: event?.mark })
      const page = { direction: 'forward', count: 10, cursor: null } as const
      const history = await world.tenantOf(ada).messages.ofConversation(conversationId, 1_000, page)
      expect(history.items).toEqual([thing])
    })

    it('is for its sender, an owner and an admin', async () => {
      const { ada, bob, cyd, dan, eve } = people
      for (const viewer of [ada, bob, cyd]) {
        const { id } = await say(cyd)
        await world.refuses(ada, ['FORBIDDEN', 'messageId'], () => remove(dan, id))
        await world.refuses(ada, ['NOT_FOUND', 'messageId'], () => remove(eve, id))
        expect((await remove(viewer, id)).thing.deletedAt).not.toBeNull()
        expect(await lastEvent()).toMatchObject({ kind: 'MessageDeleted', actorId: viewer.userId })
      }
      const owners = await say(ada)
      expect((await remove(bob, owners.id)).thing.content).toBeNull()
      const told = []
      for (const strange of badIds()) {
        told.push(await world.refuses(ada, ['NOT_FOUND', 'messageId'], () => remove(ada, strange)))
      }
      expect(new Set(told.map(each => JSON.stringify(each))).size).toBe(1)
    })

    it('in a direct conversation is for the sender alone', async () => {
      const { ada, bob } = people
      const direct = { userIds: ['bob'], content: 'hi', clientMessageId: newId() }
      const { id } = (await world.messages.sendDirect(ada, direct)).thing
      await world.refuses(ada, ['FORBIDDEN', 'messageId'], () => remove(bob, id))
      expect((await remove(ada, id)).thing.content).toBeNull()
    })

    it('twice is refused, and the tombstone stays as it was', async () => {
      const { ada, cyd } = people
      const { id } = await say(cyd)
      const { thing } = await remove(cyd, id)
      for (const viewer of [ada, cyd]) await world.refuses(ada, ['DELETED', 'messageId'], () => remove(viewer, id))
      expect(await stored(id)).toEqual(thing)
    })

    it('is no longer for an admin who is one no more', async () => {
      const { ada, bob, cyd } = people
      const { id } = await say(cyd)
      await world.members.update(ada, { conversationId, userId: 'bob', role: 'MEMBER' })
      await world.refuses(ada, ['FORBIDDEN', 'messageId'], () => remove(bob, id))
    })
  })

  describe('by ids', () => {
    it('answer members alone, in the order of the ids', async () => {
      const { ada, bob, eve } = people
      const [one, two] = [await say(ada, '1'), await say(bob, '2')]
      const ids = [two.id, 'rubbish', one.id, newId(), two.id, 'a\0', '\ud800', one.id.toUpperCase()]
      const said = async (viewer: Viewer) => (await world.messages.byIds(viewer, ids)).map(found => found?.content)
      expect(await said(bob)).toEqual(['2', undefined, '1', undefined, '2', undefined, undefined, undefined])
      for (const viewer of [eve, (await world.people()).ada])
        expect(await said(viewer)).toEqual(ids.map(() => undefined))
      expect(await world.messages.byIds(ada, [])).toEqual([])
    })

    it('answer nothing of a PUBLIC conversation to one who merely sees it', async () => {
      const { ada, eve } = people
      conversationId = (await world.conversations.create(ada, { kind: 'PUBLIC' })).thing.id
      const { id } = await say(ada)
      expect(await world.messages.byIds(eve, [id])).toEqual([undefined])
      for (const change of [() => edit(eve, id), () => remove(eve, id)]) {
        await world.refuses(ada, ['NOT_FOUND', 'messageId'], change)
      }
      await world.members.join(eve, { conversationId })
      expect(await world.messages.byIds(eve, [id])).toMatchObject([{ content: 'hi' }])
    })
  })
})
