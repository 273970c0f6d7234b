import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryBus } from '../../src/bus/memory.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { newId } from '../../src/domain/ids.ts'
import type { MessageRecord } from '../../src/domain/records.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { createReceiptRooms } from '../../src/services/receipt-rooms.ts'
import type { CommittedBatch } from '../../src/store/store.ts'
import { createStreams } from '../../src/stream/create-streams.ts'
import { silent } from '../support/database.ts'
import { type Listening, listening } from '../support/ephemeral-world.ts'
import { openWorld, type World } from '../support/world.ts'

describe('receipts as they happen', () => {
  let world: World
  let people: Awaited<ReturnType<World['people']>>
  let conversationId: string
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    people = await world.people()
    const { thing } = await world.conversations.create(people.ada, { kind: 'PUBLIC', memberIds: ['bob', 'cyd'] })
    conversationId = thing.id
  })

  const say = async (viewer = people.ada) =>
    (await world.messages.send(viewer, { conversationId, content: 'hi', clientMessageId: newId() })).thing
  const delivered = (viewer: Viewer, { id: messageId }: MessageRecord) =>
    world.receipts.markDelivered(viewer, { messageId })
  const read = (viewer: Viewer, { id: messageId }: MessageRecord) => world.receipts.markRead(viewer, { messageId })
  const fail = (viewer: Viewer, { id: messageId }: MessageRecord) =>
    world.receipts.reportFailure(viewer, { messageId, reason: 'no key' })
  async function reads(viewer: Viewer): Promise<Listening> {
    const live = listening(viewer)
    await world.receipts.openReads(viewer, conversationId, live)
    return live
  }
  async function deliveries(viewer: Viewer): Promise<Listening> {
    const live = listening(viewer)
    await world.receipts.openDeliveries(viewer, conversationId, live)
    return live
  }

  it('reads begin with how far each member has read, then tell each advance once', async () => {
    const { ada, bob, cyd } = people
    const [one, two] = [await say(), await say()]
    const member = await read(bob, one)
    const live = await reads(ada)
    const first = { userId: 'bob', conversationId, messageId: one.id, seq: one.seq }
    await live.sees([{ ...first, readAt: member.lastReadAt?.toISOString() }])
    await delivered(cyd, two)
    await read(cyd, one)
    await read(bob, two)
    await read(bob, one)
    await live.sees([
      { userId: 'bob' },
      { userId: 'cyd', seq: one.seq },
      { userId: 'bob', messageId: two.id, seq: two.seq },
    ])
  })

  it('deliveries begin with the state, then tell of sending, delivery and failure', async () => {
    const { ada, bob, cyd } = people
    const one = await say()
    await delivered(bob, one)
    await fail(cyd, one)
    const live = await deliveries(ada)
    const state = [
      { userId: 'bob', status: 'DELIVERED', seq: one.seq, reason: null },
      { userId: 'cyd', status: 'FAILED', messageId: one.id, reason: 'no key' },
    ]
    await live.sees(state)
    const two = await say(bob)
    const sent = { userId: null, status: 'SENT', messageId: two.id, seq: two.seq, at: two.createdAt.toISOString() }
    await live.sees([...state, sent])
    await read(cyd, two)
    await fail(bob, two)
    await live.sees([
      ...state,
      sent,
      { userId: 'cyd', status: 'DELIVERED', messageId: two.id },
      { userId: 'bob', status: 'FAILED', messageId: two.id, reason: 'no key' },
    ])
  })

  it('deliveries say SENT once, though the sending is retried, and nothing of an edit', async () => {
    const { ada, bob } = people
    const live = await deliveries(ada)
    const input = { conversationId, content: 'hi', clientMessageId: 'key' }
    const { thing } = await world.messages.send(bob, input)
    await world.messages.send(bob, input)
    await world.messages.edit(bob, { messageId: thing.id, content: 'ha' })
    await delivered(ada, thing)
    await live.sees([
      { status: 'SENT', messageId: thing.id },
      { status: 'DELIVERED', userId: 'ada' },
    ])
  })

  it('are for members, and end when the membership does', async () => {
    const { ada, bob, eve } = people
    const elsewhere = (await world.people()).ada
    const group = (await world.conversations.create(ada, { kind: 'GROUP' })).thing.id
    for (const open of [world.receipts.openReads, world.receipts.openDeliveries]) {
      await expect(open(eve, conversationId, listening(eve))).rejects.toMatchObject({ code: 'FORBIDDEN' })
      const attempts = [
        [eve, group],
        [elsewhere, conversationId],
        [elsewhere, group],
        [ada, newId()],
        [ada, 'rubbish'],
        [ada, 'a\0'],
      ] as const
      const told = await Promise.all(
        attempts.map(([viewer, id]) => open(viewer, id, listening(viewer)).catch((error: unknown) => error)),
      )
      for (const each of told) expect(each).toEqual(told[0])
      expect(told[0]).toMatchObject({ name: 'RequestError', code: 'NOT_FOUND' })
    }
    const lives = [await reads(bob), await deliveries(bob)]
    await world.members.remove(ada, { conversationId, userId: 'bob' })
    await read(people.cyd, await say())
    for (const live of lives) {
      await expect.poll(() => live.ends).toEqual([expect.objectContaining({ code: 'ACCESS_REVOKED' })])
      expect(live.items).toEqual([])
    }
  })

  describe('told by several nodes', () => {
    /** One more node, which hears of the receipts of this tenant when it is told. */
    function node() {
      const streams = createStreams({ store: world.store, bus: createMemoryBus(), clock: systemClock, logger: silent })
      onTestFinished(() => streams.close())
      const committed: CommittedBatch[] = []
      const { tenantId } = people.ada
      world.store.onCommit((id, batch) => id === tenantId && batch.receipts.length > 0 && committed.push(batch))
      const hear = (...nth: number[]) => {
        for (const index of nth) {
          const batch = committed[index]
          if (batch !== undefined) streams.apply(tenantId, batch)
        }
      }
      return { rooms: createReceiptRooms(world.store, streams), hear }
    }

    it('who has got further never goes back, in whatever order it is heard', async () => {
      const { ada, bob, cyd } = people
      const [one, two, three] = [await say(), await say(), await say()]
      const { rooms, hear } = node()
      const [readers, receivers] = [listening(ada), listening(ada)]
      await rooms.openReads(ada, conversationId, readers)
      await rooms.openDeliveries(ada, conversationId, receivers)
      await fail(bob, one)
      await read(bob, one)
      await read(bob, two)
      await read(cyd, three)
      hear(2, 1, 0, 3)
      await readers.sees([
        { userId: 'bob', seq: two.seq },
        { userId: 'cyd', seq: three.seq },
      ])
      await receivers.sees([
        { userId: 'bob', status: 'DELIVERED', seq: two.seq },
        { userId: 'cyd', status: 'DELIVERED', seq: three.seq },
      ])
    })

    it('an advance from before a listener came says nothing to it', async () => {
      const { ada, bob, cyd } = people
      const [one, two] = [await say(), await say()]
      const { rooms, hear } = node()
      await read(bob, one)
      await read(bob, two)
      const live = listening(ada)
      await rooms.openReads(ada, conversationId, live)
      await live.sees([{ userId: 'bob', seq: two.seq }])
      hear(0)
      await read(cyd, one)
      hear(2)
      await live.sees([
        { userId: 'bob', seq: two.seq },
        { userId: 'cyd', seq: one.seq },
      ])
    })
  })
})
