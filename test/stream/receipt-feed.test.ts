import { expect, it } from 'vitest'
import type { ReceiptChange } from '../../src/domain/records.ts'
import { createReceiptFeed } from '../../src/stream/receipt-feed.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { settled } from './durable-world.ts'

function change(receiptPosition: number): ReceiptChange {
  const rest = { conversationId: 'c', userId: 'bob', messageId: 'm', seq: receiptPosition, reason: null }
  return { receiptPosition, kind: 'READ', at: new Date(receiptPosition), ...rest }
}

function world() {
  const clock = createManualClock()
  const arrived: number[] = []
  const missed: (number | null)[] = []
  const state = { away: false, answer: Promise.resolve() }
  const feed = createReceiptFeed({
    ...{ clock, holeMs: 50, retryMs: 5_000 },
    arrived: changes => arrived.push(...changes.map(each => each.receiptPosition)),
    async missed(since) {
      missed.push(since?.getTime() ?? null)
      await state.answer
      if (state.away) throw new Error('away')
    },
  })
  const hear = (...positions: number[]) => feed.hear(positions.map(change))
  const pass = async (ms: number) => {
    clock.advance(ms)
    await settled()
  }
  return { clock, arrived, missed, state, feed, hear, pass }
}

it('hands on each advance as it comes, and asks for nothing while none is missing', async () => {
  const { clock, arrived, missed, feed, hear, pass } = world()
  feed.start(4)
  hear(5)
  hear(7)
  hear(6)
  feed.expect(7)
  await pass(1_000)
  expect([arrived, missed, clock.pending]).toEqual([[5, 7, 6], [], 0])
})

it('has what is missing read after 50 ms, from the last advance on before which nothing was missing', async () => {
  const { arrived, missed, feed, hear, pass } = world()
  feed.start(4)
  hear(5, 6)
  hear(8)
  await pass(49)
  expect(missed).toEqual([])
  await pass(1)
  expect([arrived, missed]).toEqual([[5, 6, 8], [6]])
  hear(9)
  await pass(1_000)
  expect(missed).toEqual([6])
})

it('has read what nobody told of, when it is known how far the numbers go', async () => {
  const { missed, feed, pass } = world()
  feed.start(4)
  feed.expect(4)
  await pass(1_000)
  feed.expect(6)
  await pass(50)
  expect(missed).toEqual([null])
})

it('tries again while it cannot be read', async () => {
  const { missed, state, feed, hear, pass } = world()
  feed.start(0)
  hear(1)
  state.away = true
  feed.expect(3)
  await pass(50)
  await pass(5_000)
  state.away = false
  await pass(5_000)
  await pass(50_000)
  expect(missed).toEqual([1, 1, 1])
})

it('counts anew in another log', async () => {
  const { clock, missed, feed, hear, pass } = world()
  feed.start(90)
  hear(93)
  feed.restart()
  expect([feed.started(), clock.pending]).toEqual([false, 0])
  feed.start(10)
  hear(11)
  await pass(1_000)
  expect(missed).toEqual([])
  feed.close()
  hear(20)
  await pass(1_000)
  expect([missed, clock.pending]).toEqual([[], 0])
})

it('a read of another log that fails later leaves nothing behind', async () => {
  const { clock, missed, state, feed, pass } = world()
  const answer = Promise.withResolvers<void>()
  state.answer = answer.promise
  feed.start(0)
  feed.expect(3)
  await pass(50)
  feed.restart()
  feed.start(0)
  feed.expect(2)
  answer.reject(new Error('away'))
  await settled()
  expect(clock.pending).toBe(1)
  feed.close()
  await pass(10_000)
  expect([missed, clock.pending]).toEqual([[null], 0])
})
