import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Viewer } from '../../src/domain/viewer.ts'
import type { MessageInput } from '../../src/services/services.ts'
import { describeDatabases } from '../support/database.ts'
import { countTo, openWorld, type World } from '../support/world.ts'

describeDatabases('a retried message', open => {
  let world: World
  let ada: Viewer
  let bob: Viewer
  let conversationId: string
  beforeAll(async () => {
    world = await openWorld(open)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    const people = await world.people()
    ;[ada, bob] = [people.ada, people.bob]
    const members = { memberIds: ['bob', 'cyd'] }
    conversationId = (await world.conversations.create(ada, { kind: 'GROUP', ...members })).thing.id
  })

  const send = (viewer: Viewer, input: Partial<MessageInput & { conversationId: string }> = {}) =>
    world.messages.send(viewer, { conversationId, content: 'hi', clientMessageId: 'key', ...input })
  const sendDirect = (input: Partial<MessageInput & { userIds: readonly string[] }> = {}) =>
    world.messages.sendDirect(ada, { userIds: ['bob', 'cyd'], content: 'hi', clientMessageId: 'key', ...input })

  it('is the original, with its place', async () => {
    const original = await send(bob)
    await send(ada)
    expect(await send(bob)).toEqual(original)
    expect(await world.story(ada, conversationId)).toHaveLength(3)
  })

  it('sent 20 times at once is one, and every answer is the same', async () => {
    const answers = await Promise.all(countTo(20).map(() => send(bob)))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(await world.story(ada, conversationId)).toEqual(['ConversationCreated 1', 'MessageSent 2'])
  })

  it('is the original as it is now: edited, and then a tombstone', async () => {
    const { thing, position } = await send(bob, { metadata: { a: 1 } })
    const edited = await world.messages.edit(bob, { messageId: thing.id, content: 'ha' })
    expect(await send(bob, { metadata: { a: 1 } })).toEqual({ thing: edited.thing, position })
    const tombstone = await world.messages.remove(ada, { messageId: thing.id })
    expect(await send(bob, { metadata: { a: 1 } })).toEqual({ thing: tombstone.thing, position })
    expect(tombstone.thing.content).toBeNull()
    expect(await world.story(ada, conversationId)).toHaveLength(4)
  })

  it('is the original after its sender left, or was put out, or the conversation was archived', async () => {
    const original = await send(bob)
    await world.conversations.archive(ada, { conversationId, archived: true })
    expect(await send(bob)).toEqual(original)
    await world.members.remove(ada, { conversationId, userId: 'bob' })
    expect(await send(bob)).toEqual(original)
    await world.refuses(ada, ['NOT_FOUND', 'conversationId'], () => send(bob, { clientMessageId: 'another' }))
  })

  it('with anything else in it is a conflict, for ever', async () => {
    const first = (await send(ada, { clientMessageId: 'first' })).thing
    const input = { content: 'hi', replyToId: first.id, mentions: ['cyd'], metadata: 1 }
    const { thing } = await send(bob, input)
    const other = await world.conversations.create(bob, { kind: 'GROUP' })
    const others = [
      { content: 'hi ' },
      { content: 'HI' },
      { replyToId: null },
      { mentions: ['ada'] },
      { mentions: null },
      { metadata: '1' },
      { metadata: null },
      { conversationId: other.thing.id },
      { conversationId: 'rubbish' },
    ]
    const at = ['IDEMPOTENCY_CONFLICT', 'clientMessageId'] as const
    for (const each of others) await world.refuses(ada, at, () => send(bob, { ...input, ...each }))
    await world.messages.remove(bob, { messageId: thing.id })
    await world.members.leave(bob, { conversationId })
    await world.refuses(ada, at, () => send(bob, { ...input, content: 'ha' }))
    const direct = { userIds: ['ada'], content: 'hi', clientMessageId: 'key' }
    await world.refuses(ada, at, () => world.messages.sendDirect(bob, direct))
  })

  it('at once with another content is one message and conflicts', async () => {
    const outcomes = await Promise.allSettled(countTo(8).map(n => send(bob, { content: n % 2 === 0 ? 'a' : 'b' })))
    expect(await world.story(ada, conversationId)).toHaveLength(2)
    const refused = outcomes.filter(outcome => outcome.status === 'rejected')
    expect(refused).toHaveLength(4)
    for (const { reason } of refused) {
      expect(reason).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', field: ['input', 'clientMessageId'] })
    }
  })

  it('shares its key with nobody else, and with no other tenant', async () => {
    const own = await send(ada, { content: 'ada’s' })
    const others = await send(bob, { content: 'bob’s' })
    expect(others.thing.id).not.toBe(own.thing.id)
    const elsewhere = (await world.people()).ada
    const { thing } = await world.conversations.create(elsewhere, { kind: 'GROUP' })
    expect((await send(elsewhere, { conversationId: thing.id })).thing.conversationId).toBe(thing.id)
  })

  it('that was refused may be sent again under the same key', async () => {
    await world.refuses(ada, ['NOT_FOUND', 'mentions'], () => send(ada, { mentions: ['eve'] }))
    expect((await send(ada, { content: 'other words' })).thing.content).toBe('other words')
  })

  it('refuses what can be no key', async () => {
    for (const clientMessageId of ['', ' ', 'a\0', 'a\n', '\ud800']) {
      await world.refuses(ada, ['INVALID', 'clientMessageId'], () => send(ada, { clientMessageId }))
    }
    const longest = '😀'.repeat(128)
    expect((await send(ada, { clientMessageId: longest })).thing.clientMessageId).toBe(longest)
    await world.refuses(ada, ['TOO_LONG', 'clientMessageId'], () => send(ada, { clientMessageId: `${longest}x` }))
  })

  it('to people directly is the original too, in whatever order they are named', async () => {
    const original = await sendDirect()
    expect(await sendDirect({ userIds: ['cyd', 'bob', 'cyd'] })).toEqual(original)
    await world.messages.remove(ada, { messageId: original.thing.id })
    expect((await sendDirect()).thing).toMatchObject({ id: original.thing.id, content: null })
    const at = ['IDEMPOTENCY_CONFLICT', 'clientMessageId'] as const
    for (const each of [{ userIds: ['bob'] }, { userIds: [] }, { userIds: ['nobody'] }, { content: 'ha' }]) {
      await world.refuses(ada, at, () => sendDirect(each))
    }
  })

  it('to people directly, 20 times at once, is one in one conversation', async () => {
    const answers = await Promise.all(countTo(20).map(() => sendDirect()))
    for (const answer of answers) expect(answer).toEqual(answers[0])
    const direct = answers[0]?.thing.conversationId ?? ''
    expect(await world.story(ada, direct)).toEqual(['ConversationCreated 1', 'MessageSent 2'])
  })
})
