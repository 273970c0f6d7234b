import { describe, expect, it, vi } from 'vitest'
import type { StreamItem } from '../../src/domain/event.ts'
import { conversationOf, createTestSelection, GREETING, positions, sees, settled } from './durable-world.ts'

/** Executions that wait until they are let go, each by its item's position. */
function createBrake() {
  const held = new Map<number, { go: () => void; fail: () => void }>()
  const wait = ({ position }: StreamItem) =>
    new Promise<void>((go, fail) => held.set(position.position, { go, fail: () => fail(new Error('no')) }))
  return { wait, held }
}

describe('an applied event', () => {
  it('is executed once for a thousand inboxes and conversations that show the same', async () => {
    const users = Array.from({ length: 1_000 }, (_, nth) => `user ${nth}`)
    const { inbox, conversation, commit } = conversationOf(users)
    const selection = createTestSelection()
    const open = (userId: string, nth: number) => {
      const request = { selection: { ...selection, key: selection.key } }
      return nth % 2 === 0 ? inbox(userId, request) : conversation(userId, 'c', request)
    }
    const sinks = (await Promise.all(users.map(open))).map(({ sink }) => sink)
    await vi.waitUntil(() => sinks.every(sink => sink.written.length === 1))
    selection.executions = 0
    commit('MessageSent')
    expect(selection.executions).toBe(1)
    expect(sinks.every(sink => sink.written[1] === 'MessageSent 2')).toBe(true)
  })

  it('reaches its conversation and its members’ inboxes, and nobody else', async () => {
    const { inbox, conversation, commit } = conversationOf(['ann', 'bob'])
    commit('ConversationCreated', 'd', { memberIds: ['ann', 'eve'] })
    const ann = (await inbox('ann')).sink
    const bob = (await inbox('bob')).sink
    const eve = (await inbox('eve')).sink
    const inD = (await conversation('eve', 'd')).sink
    await settled()
    commit('MessageSent', 'c')
    commit('MessageSent', 'd')
    await sees(ann, ['CaughtUp 2', 'MessageSent 3', 'MessageSent 4'])
    await sees(bob, ['CaughtUp 2', 'MessageSent 3'])
    await sees(eve, ['CaughtUp 2', 'MessageSent 4'])
    await sees(inD, ['CaughtUp 2', 'MessageSent 4'])
  })

  it('is told to the listeners of the node first, in order, and a failing one harms nobody', async () => {
    const { inbox, commit, streams, logger } = conversationOf(['ann'])
    const { sink } = await inbox('ann')
    await settled()
    const seen: string[] = []
    streams.onEvent(() => {
      throw new Error('of no use')
    })
    streams.onEvent((tenantId, event) => seen.push(`${tenantId} ${event.position} after ${sink.written.length}`))
    commit('MessageSent')
    commit('MessageSent')
    expect(seen).toEqual(['acme 2 after 1', 'acme 3 after 2'])
    expect(logger.entries.filter(entry => entry.level === 'error')).toHaveLength(2)
  })

  it('is written in order, whatever the order in which the executions end', async () => {
    const { inbox, commit } = conversationOf(['ann'])
    const slow = createTestSelection('slow')
    const { sink } = await inbox('ann', { selection: slow })
    const quick = (await inbox('ann')).sink
    await settled()
    const brake = createBrake()
    slow.before = brake.wait
    commit('MessageSent')
    commit('MessageSent')
    brake.held.get(3)?.go()
    await settled()
    expect(sink.written).toEqual([GREETING])
    expect(quick.written).toEqual([GREETING])
    brake.held.get(2)?.go()
    await sees(sink, [GREETING, ...positions(2, 3)])
    await sees(quick, [GREETING, ...positions(2, 3)])
  })

  it('of which the executions pile up makes the joined sinks lag, and nothing is lost', async () => {
    const { inbox, commit, sendMany } = conversationOf(['ann', 'bob'], { pipelineEvents: 10 })
    const slow = createTestSelection('slow')
    const ann = (await inbox('ann', { selection: slow })).sink
    const bob = (await inbox('bob')).sink
    await settled()
    const brake = createBrake()
    slow.before = brake.wait
    commit('MessageSent')
    slow.before = () => {}
    sendMany(9)
    expect(bob.written).toEqual([GREETING])
    sendMany(10)
    await sees(bob, [GREETING, ...positions(2, 21)])
    brake.held.get(2)?.go()
    await sees(ann, [GREETING, ...positions(2, 21)])
  })
})

describe('CaughtUp', () => {
  it('is said again after 60 s without an event, with no timer of its own for each', async () => {
    const { inbox, conversation, clock, commit } = conversationOf(['ann', 'bob'])
    const quiet = (await inbox('bob')).sink
    const busy = (await conversation('ann', 'c')).sink
    await settled()
    const timers = clock.pending
    commit('ConversationCreated', 'd', { memberIds: ['ann'] })
    clock.advance(30_000)
    commit('MessageSent')
    clock.advance(30_000)
    expect(busy.written).toEqual([GREETING, 'MessageSent 3'])
    clock.advance(60_000)
    await sees(busy, [GREETING, 'MessageSent 3', 'CaughtUp 3'])
    await sees(quiet, [GREETING, 'MessageSent 3', 'CaughtUp 3'])
    clock.advance(60_000)
    await sees(quiet, [GREETING, 'MessageSent 3', 'CaughtUp 3', 'CaughtUp 3'])
    expect(clock.pending).toBe(timers)
  })

  it('is said again after 1,000 positions without an event, every 30 s at most', async () => {
    const { inbox, commit, sendMany, clock } = conversationOf(['ann'])
    commit('ConversationCreated', 'd', { memberIds: ['bob'] })
    const ann = (await inbox('ann')).sink
    const bob = (await inbox('bob')).sink
    await settled()
    sendMany(999)
    expect(bob.written).toEqual(['CaughtUp 2'])
    sendMany(1)
    expect(bob.written).toEqual(['CaughtUp 2', 'CaughtUp 1002'])
    expect(ann.written).toHaveLength(1_001)
    clock.advance(29_999)
    sendMany(3_000)
    expect(bob.written).toHaveLength(2)
    clock.advance(1)
    sendMany(1)
    expect(bob.written).toEqual(['CaughtUp 2', 'CaughtUp 1002', 'CaughtUp 4003'])
  })

  it('is said to many in parts, a turn of the event loop for each', async () => {
    const users = Array.from({ length: 600 }, (_, nth) => `user ${nth}`)
    const { inbox, clock } = conversationOf(users)
    const sinks = (await Promise.all(users.map(user => inbox(user)))).map(({ sink }) => sink)
    await vi.waitUntil(() => sinks.every(sink => sink.written.length === 1))
    const reminded = () => sinks.filter(sink => sink.written.length === 2).length
    clock.advance(60_000)
    for (const count of [128, 256, 384, 512, 600]) {
      expect(reminded()).toBe(count)
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(new Set(sinks.flatMap(sink => sink.written))).toEqual(new Set([GREETING]))
  })

  it('is not said to who hears something before it is their turn', async () => {
    const users = Array.from({ length: 200 }, (_, nth) => `user ${nth}`)
    const { inbox, clock, commit } = conversationOf(users)
    const sinks = (await Promise.all(users.map(user => inbox(user)))).map(({ sink }) => sink)
    await vi.waitUntil(() => sinks.every(sink => sink.written.length === 1))
    clock.advance(60_000)
    clock.advance(1)
    commit('MessageSent')
    await settled()
    expect(sinks.filter(({ written }) => written.length === 3)).toHaveLength(128)
    expect(sinks.filter(({ written }) => written.join() === `${GREETING},MessageSent 2`)).toHaveLength(72)
  })

  it('is not said twice because saying it takes its time, and nothing ends because it cannot be said', async () => {
    const { inbox, clock } = conversationOf(['ann'])
    const selection = createTestSelection()
    const { sink } = await inbox('ann', { selection })
    await settled()
    const brake = createBrake()
    selection.before = brake.wait
    clock.advance(60_000)
    clock.advance(30_000)
    brake.held.get(1)?.go()
    await sees(sink, [GREETING, GREETING])
    selection.before = () => {
      throw new Error('not now')
    }
    for (let nth = 0; nth < 10; nth++) clock.advance(60_000)
    expect([sink.ends, sink.written]).toEqual([[], [GREETING, GREETING]])
    selection.before = () => {}
    clock.advance(60_000)
    await sees(sink, [GREETING, GREETING, GREETING])
  })
})
