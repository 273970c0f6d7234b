import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import type { MessageInput } from '../../src/services/services.ts'
import { countTo, openWorld, type World } from '../support/world.ts'

describe('sending to people directly', () => {
  let world: World
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())

  const send = (viewer: Viewer, userIds: readonly string[], input: Partial<MessageInput> = {}) =>
    world.messages.sendDirect(viewer, { userIds, content: 'hi', clientMessageId: newId(), ...input })

  it('makes their conversation with the first message, and finds it with the others', async () => {
    const { ada, bob, cyd } = await world.people()
    const first = await send(ada, ['bob', 'cyd'], { mentions: ['cyd'] })
    const { conversationId } = first.thing
    const second = await send(cyd, ['ada', 'bob', 'cyd'], { replyToId: first.thing.id, mentions: ['ada'] })
    expect(second.thing).toMatchObject({ conversationId, senderId: 'cyd', seq: 3, replyToId: first.thing.id })
    expect(await world.story(ada, conversationId)).toEqual(['ConversationCreated 1', 'MessageSent 2', 'MessageSent 3'])
    const [found] = await world.conversations.byIds(bob, [conversationId])
    expect(found).toMatchObject({ kind: 'DIRECT', memberCount: 3, createdBy: 'ada', membership: { role: 'MEMBER' } })
    const created = await world.conversations.create(bob, { kind: 'DIRECT', memberIds: ['ada', 'cyd'] })
    expect(created.thing.id).toBe(conversationId)
  })

  it('may be to oneself', async () => {
    const { ada } = await world.people()
    const [one, other] = [await send(ada, ['ada']), await send(ada, ['ada', 'ada'])]
    expect(one.thing.conversationId).toBe(other.thing.conversationId)
    expect((await world.conversations.byIds(ada, [one.thing.conversationId]))[0]?.memberCount).toBe(1)
  })

  it('refuses nobody, a stranger, and more than 19 others', async () => {
    const { ada } = await world.people()
    await world.refuses(ada, ['INVALID', 'userIds'], () => send(ada, []))
    const elsewhere = (await world.people()).ada
    await world.tenantOf(elsewhere).users.ensure({ id: 'zoe', name: null, avatarUrl: null })
    const told = []
    for (const stranger of ['nobody', 'zoe', '', 'a\0', '\ud800']) {
      told.push(await world.refuses(ada, ['NOT_FOUND', 'userIds'], () => send(ada, ['bob', stranger])))
    }
    expect(new Set(told.map(each => JSON.stringify(each))).size).toBe(1)
    const crowd = countTo(20).map(n => `user-${n}`)
    for (const id of crowd) await world.tenantOf(ada).users.ensure({ id, name: null, avatarUrl: null })
    await world.refuses(ada, ['LIMIT_REACHED', 'userIds'], () => send(ada, crowd))
    expect((await send(ada, crowd.slice(1))).thing.seq).toBe(2)
    const small = world.limitedTo({ maxConversationMembers: 2 })
    const three = { userIds: ['bob', 'cyd'], content: 'hi', clientMessageId: 'key' }
    await world.refuses(ada, ['LIMIT_REACHED', 'userIds'], () => small.messages.sendDirect(ada, three))
  })

  it('leaves no empty conversation behind when the message is refused', async () => {
    const { ada, eve } = await world.people()
    const elsewhere = await send(ada, ['cyd'])
    const refused: readonly [Parameters<World['refuses']>[1], Partial<MessageInput>][] = [
      [['NOT_FOUND', 'replyToId'], { replyToId: elsewhere.thing.id }],
      [['NOT_FOUND', 'replyToId'], { replyToId: newId() }],
      [['NOT_FOUND', 'replyToId'], { replyToId: 'rubbish' }],
      [['NOT_FOUND', 'mentions'], { mentions: ['bob', 'cyd'] }],
      [['NOT_FOUND', 'mentions'], { mentions: ['nobody'] }],
      [['NOT_FOUND', 'mentions'], { mentions: ['a\0'] }],
      [['TOO_LONG', 'content'], { content: 'x'.repeat(10_001) }],
      [['INVALID', 'content'], { content: '' }],
      [['INVALID', 'clientMessageId'], { clientMessageId: '' }],
      [['TOO_LONG', 'metadata'], { metadata: 'x'.repeat(8_191) }],
    ]
    const fresh = []
    for (const [at, input] of refused) fresh.push(await world.refuses(ada, at, () => send(ada, ['bob'], input)))
    await send(ada, ['bob'])
    const there = []
    for (const [at, input] of refused) there.push(await world.refuses(ada, at, () => send(ada, ['bob'], input)))
    expect(there).toEqual(fresh)
    expect(await world.conversations.byIds(eve, [elsewhere.thing.conversationId])).toEqual([undefined])
  })
})
