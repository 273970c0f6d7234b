import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { MessageRecord, ReceiptChange } from '../../src/domain/records.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { countTo, forward, openWorld, type World } from '../support/world.ts'

describe('receipts', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let conversationId: string
  const committed: ReceiptChange[] = []
  beforeAll(async () => {
    world = await openWorld()
    world.store.onCommit((_, { receipts }) => committed.push(...receipts))
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    people = await world.people()
    committed.length = 0
    const { thing } = await world.conversations.create(people.ada, { kind: 'GROUP', memberIds: ['bob', 'cyd'] })
    conversationId = thing.id
  })

  const say = async (viewer = people.ada) =>
    (await world.messages.send(viewer, { conversationId, content: 'hi', clientMessageId: newId() })).thing
  const sayMany = async (count: number) => Promise.all(countTo(count).map(() => say()))
  const delivered = (viewer: Viewer, { id: messageId }: MessageRecord) =>
    world.receipts.markDelivered(viewer, { messageId })
  const read = (viewer: Viewer, { id: messageId }: MessageRecord) => world.receipts.markRead(viewer, { messageId })
  const fail = (viewer: Viewer, { id: messageId }: MessageRecord, reason = 'no key') =>
    world.receipts.reportFailure(viewer, { messageId, reason })
  const receiptsOf = async (message: MessageRecord) =>
    (await world.tenantOf(people.ada).receipts.ofMessage(message, forward())).items
  const none = { deliveredAt: null, readAt: null, failedAt: null, failureReason: null }

  it('count up to and including the message, each with the moment of the advance that reached it', async () => {
    const { bob } = people
    const [one, two, three, four] = await sayMany(4)
    if (!one || !two || !three || !four) throw new Error('four were sent')
    expect(await receiptsOf(one)).toEqual(['bob', 'cyd'].map(userId => ({ userId, ...none })))
    const first = await delivered(bob, one)
    expect(first).toMatchObject({ userId: 'bob', lastDeliveredSeq: one.seq, lastReadAt: null })
    const second = await read(bob, three)
    expect(second).toMatchObject({ lastDeliveredSeq: three.seq, lastReadSeq: three.seq })
    expect(second.lastReadAt).toEqual(second.lastDeliveredAt)
    const cyd = { userId: 'cyd', ...none }
    const bobs = { ...none, userId: 'bob', readAt: second.lastReadAt }
    expect(await receiptsOf(one)).toEqual([{ ...bobs, deliveredAt: first.lastDeliveredAt }, cyd])
    for (const message of [two, three]) {
      expect(await receiptsOf(message)).toEqual([{ ...bobs, deliveredAt: second.lastDeliveredAt }, cyd])
    }
    expect(await receiptsOf(four)).toEqual([{ userId: 'bob', ...none }, cyd])
    expect(committed.map(({ kind, seq, at }) => ({ kind, seq, at }))).toEqual([
      { kind: 'DELIVERED', seq: one.seq, at: first.lastDeliveredAt },
      { kind: 'DELIVERED', seq: three.seq, at: second.lastDeliveredAt },
      { kind: 'READ', seq: three.seq, at: second.lastReadAt },
    ])
  })

  it('do not go back, nor move again for what was reached before', async () => {
    const { bob } = people
    const [one, two] = await sayMany(2)
    if (!one || !two) throw new Error('two were sent')
    const there = await read(bob, two)
    committed.length = 0
    for (const again of [delivered(bob, one), delivered(bob, two), read(bob, one), read(bob, two)]) {
      expect(await again).toEqual(there)
    }
    expect(committed).toEqual([])
  })

  it('read after delivered keeps the moment of the delivery', async () => {
    const { bob } = people
    const message = await say()
    const first = await delivered(bob, message)
    const second = await read(bob, message)
    expect(second).toMatchObject({ lastDeliveredAt: first.lastDeliveredAt, lastReadSeq: message.seq })
    expect(committed.map(({ kind }) => kind)).toEqual(['DELIVERED', 'READ'])
    const [bobs] = await receiptsOf(message)
    expect(bobs).toMatchObject({ deliveredAt: first.lastDeliveredAt, readAt: second.lastReadAt })
  })

  it('of many advances at once end at the furthest', async () => {
    const { bob } = people
    const messages = await sayMany(12)
    await Promise.all(messages.map((message, n) => (n % 3 === 0 ? read(bob, message) : delivered(bob, message))))
    const furthest = messages.at(-1)
    if (!furthest) throw new Error('some were sent')
    const member = await delivered(bob, furthest)
    expect(member).toMatchObject({ lastDeliveredSeq: furthest.seq, lastReadSeq: messages.at(-3)?.seq })
    for (const kind of ['DELIVERED', 'READ']) {
      const seqs = committed.filter(change => change.kind === kind).map(({ seq }) => seq)
      expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b))
    }
    const numbers = committed.map(({ receiptPosition }) => receiptPosition)
    expect(numbers).toEqual(countTo(numbers.length))
  })

  it('are for members, of messages that they may see', async () => {
    const { ada, bob, eve } = people
    const message = await say()
    const open = (await world.conversations.create(ada, { kind: 'PUBLIC' })).thing.id
    const publicOne = await world.messages.send(ada, { conversationId: open, content: 'hi', clientMessageId: 'key' })
    const told = []
    for (const act of [delivered, read, fail]) {
      const attempts = [
        [eve, message],
        [eve, publicOne.thing],
        ...[newId(), conversationId, 'rubbish', '', 'a\0', '\ud800'].map(id => [bob, { ...message, id }] as const),
      ] as const
      for (const [viewer, target] of attempts) {
        told.push(await world.refuses(ada, ['NOT_FOUND', 'messageId'], () => act(viewer, target)))
      }
    }
    expect(new Set(told.map(each => JSON.stringify(each))).size).toBe(1)
  })

  it('of a deleted message go on as before', async () => {
    const { ada, bob } = people
    const message = await say()
    await world.messages.remove(ada, { messageId: message.id })
    expect((await read(bob, message)).lastReadSeq).toBe(message.seq)
  })

  it('start where a member came in, and end with the membership', async () => {
    const { ada, bob, dan } = people
    const before = await say()
    await world.members.add(ada, { conversationId, userIds: ['dan'] })
    expect((await read(dan, before)).lastReadAt).toBeNull()
    expect(committed).toEqual([])
    const after = await say()
    expect((await receiptsOf(before)).map(({ userId }) => userId)).toEqual(['bob', 'cyd'])
    expect((await receiptsOf(after)).map(({ userId }) => userId)).toEqual(['bob', 'cyd', 'dan'])
    await read(bob, after)
    await world.members.remove(ada, { conversationId, userId: 'bob' })
    expect((await receiptsOf(after)).map(({ userId }) => userId)).toEqual(['cyd', 'dan'])
  })

  it('leave unread what others said and nobody took back', async () => {
    const { ada, bob } = people
    const unread = async () => {
      const [conversation] = await world.conversations.byIds(bob, [conversationId])
      return (
        await world.tenantOf(ada).members.unreadCounts(conversation?.membership ? [conversation.membership] : [])
      )[0]
    }
    const [one, two] = await sayMany(3)
    await say(bob)
    expect(await unread()).toBe(3)
    if (!one || !two) throw new Error('three were sent')
    await world.messages.remove(ada, { messageId: two.id })
    expect(await unread()).toBe(2)
    await read(bob, one)
    expect(await unread()).toBe(1)
  })

  describe('of a failure', () => {
    it('say when and why, until a delivery supersedes it', async () => {
      const { bob } = people
      const [one, two] = await sayMany(2)
      if (!one || !two) throw new Error('two were sent')
      expect(await fail(bob, one)).toEqual(one)
      await fail(bob, two, 'no\nroom')
      await fail(bob, two, 'still no room')
      const at = committed.at(-1)?.at
      expect((await receiptsOf(two))[0]).toEqual({
        ...none,
        userId: 'bob',
        failedAt: at,
        failureReason: 'still no room',
      })
      await delivered(bob, one)
      expect((await receiptsOf(one))[0]).toMatchObject({ failedAt: null, failureReason: null })
      expect((await receiptsOf(two))[0]).toMatchObject({ failedAt: at })
      await read(bob, two)
      expect((await receiptsOf(two))[0]).toMatchObject({ failedAt: null, failureReason: null })
    })

    it('change nothing after the delivery', async () => {
      const { bob } = people
      const message = await say()
      await delivered(bob, message)
      committed.length = 0
      expect(await fail(bob, message)).toEqual(message)
      expect(committed).toEqual([])
      expect((await receiptsOf(message))[0]?.failedAt).toBeNull()
    })

    it('at once with the delivery leave the delivery', async () => {
      const { bob } = people
      const message = await say()
      await Promise.all([fail(bob, message), delivered(bob, message), fail(bob, message)])
      expect((await receiptsOf(message))[0]).toMatchObject({ failedAt: null, failureReason: null })
      expect((await receiptsOf(message))[0]?.deliveredAt).not.toBeNull()
    })

    it('have a reason of 1 to 500 characters', async () => {
      const { ada, bob } = people
      const message = await say()
      for (const reason of ['', '  ', 'a\0', '\ud800']) {
        await world.refuses(ada, ['INVALID', 'reason'], () => fail(bob, message, reason))
      }
      await world.refuses(ada, ['TOO_LONG', 'reason'], () => fail(bob, message, '😀'.repeat(501)))
      await fail(bob, message, '😀'.repeat(500))
      expect((await receiptsOf(message))[0]?.failureReason).toBe('😀'.repeat(500))
    })
  })

  it('of a failure in a conversation larger than the history keeps end with the delivery too', async () => {
    const { bob } = people
    const small = world.limitedTo({ receiptHistoryMaxMembers: 2 })
    const message = await say()
    await fail(bob, message)
    expect((await receiptsOf(message))[0]?.failureReason).toBe('no key')
    await small.receipts.markDelivered(bob, { messageId: message.id })
    expect((await receiptsOf(message))[0]).toEqual({ userId: 'bob', ...none })
  })

  it('of a conversation larger than the history keeps are how far each member got', async () => {
    const { bob } = people
    const small = world.limitedTo({ receiptHistoryMaxMembers: 2 })
    const message = await say()
    const member = await small.receipts.markRead(bob, { messageId: message.id })
    expect(member).toMatchObject({ lastDeliveredSeq: message.seq, lastReadSeq: message.seq })
    expect(member.lastReadAt).not.toBeNull()
    expect(committed.map(({ kind }) => kind)).toEqual(['DELIVERED', 'READ'])
    expect((await receiptsOf(message))[0]).toEqual({ userId: 'bob', ...none })
  })
})
