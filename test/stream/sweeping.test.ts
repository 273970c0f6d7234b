import { expect, it } from 'vitest'
import type { Bus } from '../../src/bus/bus.ts'
import { createMemoryBus } from '../../src/bus/memory.ts'
import { createDurableWorld, GREETING, sees, settled } from './durable-world.ts'

const HOLE_MS = 50

/** A bus whose nodes come and go out of reach. */
function unsteadyBus() {
  const tasks = { back: () => {}, away: () => {} }
  let connected = true
  const bus: Bus = {
    ...createMemoryBus(),
    get connected() {
      return connected
    },
    onBack(task) {
      tasks.back = task
      return () => {}
    },
    onAway(task) {
      tasks.away = task
      return () => {}
    },
  }
  return {
    bus,
    turn(to: 'back' | 'away') {
      connected = to === 'back'
      tasks[to]()
    },
  }
}

async function scene() {
  const { bus, turn } = unsteadyBus()
  const world = createDurableWorld({ holeMs: HOLE_MS }, bus)
  world.commit('ConversationCreated', 'c', { memberIds: ['ann'] })
  const { sink } = await world.inbox('ann')
  await settled()
  const pass = async (ms: number) => {
    world.clock.advance(ms)
    await settled()
  }
  return { ...world, sink, turn, pass }
}

it('asks for what was missed at once when the other nodes are lost, and from then on every 200 ms', async () => {
  const { log, sink, turn, pass } = await scene()
  await pass(300)
  const { heads } = log.reads
  log.commit('MessageSent', 'c')
  turn('away')
  await settled()
  await pass(HOLE_MS)
  expect(log.reads.heads).toBe(heads + 1)
  await sees(sink, [GREETING, 'MessageSent 2'])
  log.commit('MessageSent', 'c')
  await pass(199 - HOLE_MS)
  expect(log.reads.heads).toBe(heads + 1)
  await pass(1)
  expect(log.reads.heads).toBe(heads + 2)
  await pass(HOLE_MS)
  await sees(sink, [GREETING, 'MessageSent 2', 'MessageSent 3'])
})

it('asks again within 200 ms when they are lost while it asks', async () => {
  const { log, sink, turn, pass } = await scene()
  const { heads } = log.reads
  await pass(999)
  log.commit('MessageSent', 'c')
  turn('away')
  log.commit('MessageSent', 'c')
  turn('away')
  await settled()
  await pass(200)
  expect(log.reads.heads).toBe(heads + 2)
  await pass(HOLE_MS)
  await sees(sink, [GREETING, 'MessageSent 2', 'MessageSent 3'])
})

it('goes back to once a second when they are in reach again', async () => {
  const { log, turn, pass } = await scene()
  turn('away')
  await pass(100)
  const { heads } = log.reads
  turn('back')
  await pass(0)
  expect(log.reads.heads).toBe(heads + 1)
  await pass(999)
  expect(log.reads.heads).toBe(heads + 1)
  await pass(1)
  expect(log.reads.heads).toBe(heads + 2)
})
