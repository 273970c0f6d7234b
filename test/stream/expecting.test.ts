import { expect, it } from 'vitest'
import { createMemoryBus } from '../../src/bus/memory.ts'
import { encodeBatch } from '../../src/stream/batch-text.ts'
import { createDurableWorld, settled } from './durable-world.ts'

/** A node that listens, and another one that tells it what it has committed. */
async function scene() {
  const bus = createMemoryBus()
  const { streams, log, commit, inbox, clock } = createDurableWorld({}, bus)
  commit('ConversationCreated', 'c', { memberIds: ['ann'] })
  await inbox('ann')
  await settled()
  const told = async (more: boolean) => {
    const event = log.commit('MessageSent', 'c')
    bus.publish(['acme', 'log'], encodeBatch({ after: log.before(event), events: [event], receipts: [], more }))
    await settled()
  }
  return { streams, clock, told }
}

it('expects another batch where a node says that one follows, until it comes', async () => {
  const { streams, told } = await scene()
  expect(streams.expecting).toBe(false)
  await told(true)
  expect(streams.expecting).toBe(true)
  await told(true)
  expect(streams.expecting).toBe(true)
  await told(false)
  expect(streams.expecting).toBe(false)
})

it('expects what does not come for 10 ms', async () => {
  const { streams, clock, told } = await scene()
  await told(true)
  clock.advance(9)
  expect(streams.expecting).toBe(true)
  clock.advance(1)
  expect(streams.expecting).toBe(false)
})
