import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { listening } from '../support/ephemeral-world.ts'
import { forward, openWorld, type World } from '../support/world.ts'

/** Ids of another tenant, or that never were. `userId` is nobody of the viewer's tenant; `own` is what the viewer has. */
interface Ids {
  readonly conversationId: string
  readonly messageId: string
  readonly userId: string
  readonly own: string
}

type Call = (world: World, viewer: Viewer, ids: Ids) => Promise<unknown>

const message = { content: 'hi', clientMessageId: 'key' }

/** Every function of a service that takes an id, once for each id that it takes. */
const CALLS: Readonly<Record<string, Call>> = {
  'conversations.create memberIds': ({ conversations }, viewer, { userId }) =>
    conversations.create(viewer, { kind: 'GROUP', memberIds: [userId] }),
  'conversations.create DIRECT': ({ conversations }, viewer, { userId }) =>
    conversations.create(viewer, { kind: 'DIRECT', memberIds: [userId] }),
  'conversations.update': ({ conversations }, viewer, { conversationId }) =>
    conversations.update(viewer, { conversationId, title: 'Mine' }),
  'conversations.archive': ({ conversations }, viewer, { conversationId }) =>
    conversations.archive(viewer, { conversationId, archived: true }),
  'members.join': ({ members }, viewer, { conversationId }) => members.join(viewer, { conversationId }),
  'members.leave': ({ members }, viewer, { conversationId }) => members.leave(viewer, { conversationId }),
  'members.add': ({ members }, viewer, { conversationId }) => members.add(viewer, { conversationId, userIds: ['bob'] }),
  'members.add userIds': ({ members }, viewer, { own, userId }) =>
    members.add(viewer, { conversationId: own, userIds: [userId] }),
  'members.remove': ({ members }, viewer, { conversationId }) =>
    members.remove(viewer, { conversationId, userId: 'bob' }),
  'members.remove userId': ({ members }, viewer, { own, userId }) =>
    members.remove(viewer, { conversationId: own, userId }),
  'members.update': ({ members }, viewer, { conversationId }) =>
    members.update(viewer, { conversationId, userId: 'bob', role: 'ADMIN' }),
  'members.update userId': ({ members }, viewer, { own, userId }) =>
    members.update(viewer, { conversationId: own, userId, role: 'ADMIN' }),
  'messages.send': ({ messages }, viewer, { conversationId }) => messages.send(viewer, { ...message, conversationId }),
  'messages.send replyToId': ({ messages }, viewer, { own, messageId }) =>
    messages.send(viewer, { ...message, conversationId: own, replyToId: messageId }),
  'messages.send mentions': ({ messages }, viewer, { own, userId }) =>
    messages.send(viewer, { ...message, conversationId: own, mentions: [userId] }),
  'messages.sendDirect': ({ messages }, viewer, { userId }) =>
    messages.sendDirect(viewer, { ...message, userIds: [userId] }),
  'messages.sendDirect replyToId': ({ messages }, viewer, { messageId }) =>
    messages.sendDirect(viewer, { ...message, userIds: ['bob'], replyToId: messageId }),
  'messages.sendDirect mentions': ({ messages }, viewer, { userId }) =>
    messages.sendDirect(viewer, { ...message, userIds: ['bob'], mentions: [userId] }),
  'messages.edit': ({ messages }, viewer, { messageId }) => messages.edit(viewer, { messageId, content: 'mine' }),
  'messages.remove': ({ messages }, viewer, { messageId }) => messages.remove(viewer, { messageId }),
  'receipts.markDelivered': ({ receipts }, viewer, { messageId }) => receipts.markDelivered(viewer, { messageId }),
  'receipts.markRead': ({ receipts }, viewer, { messageId }) => receipts.markRead(viewer, { messageId }),
  'receipts.reportFailure': ({ receipts }, viewer, { messageId }) =>
    receipts.reportFailure(viewer, { messageId, reason: 'mine' }),
  'receipts.openReads': ({ receipts }, viewer, { conversationId }) =>
    receipts.openReads(viewer, conversationId, listening(viewer)),
  'receipts.openDeliveries': ({ receipts }, viewer, { conversationId }) =>
    receipts.openDeliveries(viewer, conversationId, listening(viewer)),
  'streams.openConversation': ({ streams }, viewer, { conversationId }) =>
    streams.openConversation(viewer, conversationId, null, listening(viewer)),
  'typing.set': ({ typing }, viewer, { conversationId }) => typing.set(viewer, { conversationId, isTyping: true }),
  'typing.open': ({ typing }, viewer, { conversationId }) => typing.open(viewer, conversationId, listening(viewer)),
  'signals.send': ({ signals }, viewer, { conversationId }) => signals.send(viewer, { conversationId, type: 'offer' }),
  'signals.send toUserId': ({ signals }, viewer, { own, userId }) =>
    signals.send(viewer, { conversationId: own, toUserId: userId, type: 'offer' }),
  'signals.open': ({ signals }, viewer, { conversationId }) => signals.open(viewer, conversationId, listening(viewer)),
  'presence.open conversationId': ({ presence }, viewer, { conversationId }) =>
    presence.open(viewer, { conversationId }, listening(viewer)),
}

describe('another tenant’s ids', () => {
  let world: World
  let viewer: Viewer
  let stranger: Viewer
  let own: string
  /** What the other tenant has: of a kind that its own could not see, and of one that everyone of it can. */
  let foreign: readonly Ids[]
  beforeAll(async () => {
    world = await openWorld()
    const [mine, theirs] = [await world.people(), await world.people()]
    viewer = mine.ada
    stranger = theirs.ada
    await world.tenantOf(stranger).users.ensure({ id: 'zoe', name: null, avatarUrl: null })
    own = (await world.conversations.create(viewer, { kind: 'GROUP', memberIds: ['bob'] })).thing.id
    foreign = await Promise.all(
      (['GROUP', 'PUBLIC', 'DIRECT'] as const).map(async kind => {
        const { thing } = await world.conversations.create(stranger, { kind, memberIds: ['bob', 'zoe'] })
        const { id } = (
          await world.messages.send(stranger, { ...message, clientMessageId: kind, conversationId: thing.id })
        ).thing
        return { conversationId: thing.id, messageId: id, userId: 'zoe', own }
      }),
    )
  })
  afterAll(() => world.close())

  /** All that the caller is told, which must be a refusal. */
  async function told(call: Call, ids: Ids): Promise<unknown> {
    const answer = await call(world, viewer, ids).then(
      () => 'an answer',
      (error: unknown) => error,
    )
    expect(answer).toBeInstanceOf(Error)
    expect(answer).toMatchObject({ code: 'NOT_FOUND' })
    return answer
  }

  it.each(Object.entries(CALLS))('in %s are ids that never were', async (_, call) => {
    const logs = async () => [await world.events(viewer), await world.events(stranger)]
    const before = await logs()
    const never = await told(call, { conversationId: newId(), messageId: newId(), userId: 'nobody', own })
    const strange = ['rubbish', '', 'a\0', '\ud800', '../..', `${newId()} `]
    for (const id of strange) {
      expect(await told(call, { conversationId: id, messageId: id, userId: id, own })).toEqual(never)
    }
    for (const ids of foreign) expect(await told(call, ids)).toEqual(never)
    expect(await logs()).toEqual(before)
  })

  it('are read as nothing', async () => {
    const conversationIds = foreign.map(({ conversationId }) => conversationId)
    const messageIds = foreign.map(({ messageId }) => messageId)
    expect(await world.conversations.byIds(viewer, conversationIds)).toEqual(conversationIds.map(() => undefined))
    expect(await world.messages.byIds(viewer, messageIds)).toEqual(messageIds.map(() => undefined))
    expect((await world.conversations.listPublic(viewer, forward())).items).toEqual([])
    expect((await world.conversations.list(viewer, forward())).items.map(({ id }) => id)).toEqual([own])
    const [zoe, nobody] = await world.presence.get(viewer, ['zoe', 'nobody'])
    expect({ ...zoe, userId: '' }).toEqual({ ...nobody, userId: '' })
  })

  it('and cursors are no place in lists of the viewer’s', async () => {
    const theirs = (await world.conversations.list(stranger, forward())).items.at(-1)
    const page = forward(10, [theirs?.lastPosition ?? 0, theirs?.id ?? ''])
    for (const { id } of (await world.conversations.list(viewer, page)).items) expect(id).toBe(own)
    const { items } = await world.streams.events(viewer, await world.streams.head(stranger), 10)
    expect(items).toMatchObject([{ type: 'ResyncRequired', position: await world.streams.head(viewer) }])
  })
})
