import { describe, expect, it, vi } from 'vitest'
import type { StreamItem } from '../../src/domain/event.ts'
import { UnavailableError } from '../../src/store/database.ts'
import type { StreamOptions } from '../../src/stream/options.ts'
import { createDurableWorld, createTestSelection, sees, settled } from './durable-world.ts'

const GREETING = 'CaughtUp 1'

/** «c» has these members; whoever opens now is told CaughtUp 1 and then what comes. */
function conversationOf(memberIds: string[], options: Partial<StreamOptions> = {}) {
  const world = createDurableWorld(options)
  world.commit('ConversationCreated', 'c', { memberIds })
  return world
}

function positions(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, nth) => `MessageSent ${from + nth}`)
}

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

describe('order', () => {
  it('drops what is applied already and holds what is ahead of a hole', async () => {
    const { inbox, log, hear, clock } = conversationOf(['ann'])
    const { sink } = await inbox('ann')
    await settled()
    const [two, three, four] = [1, 2, 3].map(() => log.commit('MessageSent', 'c'))
    if (two === undefined || three === undefined || four === undefined) throw new Error('nothing was committed')
    hear(four)
    hear(three)
    expect(sink.written).toEqual([GREETING])
    clock.advance(49)
    hear(two, three, four, two)
    expect(sink.written).toEqual([GREETING, ...positions(2, 4)])
    clock.advance(1_000)
    expect(log.reads.after).toBe(0)
  })

  it('fills a hole from the log after 50 ms, with one read at a time', async () => {
    const { inbox, log, hear, clock } = conversationOf(['ann'])
    const { sink } = await inbox('ann')
    await settled()
    log.commit('MessageSent', 'c')
    hear(log.commit('MessageSent', 'c'))
    clock.advance(49)
    expect(log.reads.after).toBe(0)
    clock.advance(1)
    hear(log.commit('MessageSent', 'c'))
    clock.advance(500)
    expect(log.reads.after).toBe(1)
    await sees(sink, [GREETING, ...positions(2, 4)])
  })

  it('goes on reading, and asking again, until the hole is filled', async () => {
    const { inbox, log, hear, clock } = conversationOf(['ann'], { pageEvents: 10, heldEvents: 5 })
    const { sink } = await inbox('ann')
    await settled()
    log.commit('MessageSent', 'c')
    for (let nth = 0; nth < 48; nth++) hear(log.commit('MessageSent', 'c'))
    log.gate = () => Promise.reject(new UnavailableError('away'))
    for (let nth = 0; nth < 10; nth++) {
      clock.advance(5_000)
      await settled()
    }
    log.gate = async () => {}
    clock.advance(5_000)
    await sees(sink, [GREETING, ...positions(2, 50)])
  })

  it('begins anew when the log was put back, and tells everyone', async () => {
    const { inbox, conversation, commit, sendMany, log } = conversationOf(['ann', 'bob'])
    sendMany(9)
    const ann = (await inbox('ann')).sink
    const bob = (await conversation('bob')).sink
    await settled()
    sendMany(10)
    log.rewind(15)
    const late = (await inbox('ann')).sink
    const before = ['CaughtUp 10', ...positions(11, 20)]
    await sees(ann, [...before, 'ResyncRequired 15', 'CaughtUp 15'])
    await sees(bob, [...before, 'ResyncRequired 15', 'CaughtUp 15'])
    await sees(late, ['CaughtUp 15'])
    commit('MessageSent')
    for (const sink of [ann, bob, late]) expect(sink.written.at(-1)).toBe('MessageSent 16')
  })
})

describe('a slow reader', () => {
  it('goes on where it was once its socket has drained, without a word of its own', async () => {
    const { inbox, conversation, sendMany, log } = conversationOf(['ann', 'bob'])
    const { sink } = await inbox('ann', { room: 3 })
    const other = (await conversation('ann', 'c', { room: 3 })).sink
    const bob = (await inbox('bob')).sink
    await settled()
    const pages = log.reads.pages
    sendMany(20)
    expect([sink.written.length, bob.written.length]).toEqual([3, 21])
    for (const each of [sink, other]) {
      each.drain(5)
      await vi.waitUntil(() => each.written.length === 8)
      each.drain()
      await sees(each, [GREETING, ...positions(2, 21)])
    }
    sendMany(1)
    expect(sink.written.at(-1)).toBe('MessageSent 22')
    expect(log.reads.pages).toBe(pages)
  })

  it('reads the log where the ring no longer reaches back', async () => {
    const { inbox, conversation, sendMany } = conversationOf(['ann'], { ringEvents: 4, pageEvents: 7 })
    const sinks = [(await inbox('ann', { room: 3 })).sink, (await conversation('ann', 'c', { room: 3 })).sink]
    await settled()
    sendMany(40)
    for (const sink of sinks) {
      sink.drain(10)
      await settled()
      sendMany(20)
      sink.drain()
    }
    for (const sink of sinks) await sees(sink, [GREETING, ...positions(2, 81)])
  })

  it('shares its executions with those who lag with it', async () => {
    const users = Array.from({ length: 50 }, (_, nth) => `user ${nth}`)
    const { inbox, sendMany } = conversationOf(users)
    const selection = createTestSelection()
    const sinks = (await Promise.all(users.map(userId => inbox(userId, { selection, room: 2 })))).map(each => each.sink)
    await settled()
    selection.executions = 0
    sendMany(21)
    expect(selection.executions).toBe(1)
    for (const sink of sinks) sink.drain()
    for (const sink of sinks) await sees(sink, [GREETING, ...positions(2, 22)])
    expect(selection.executions).toBe(21)
  })

  it('is not shown again what was taken out of a message meanwhile', async () => {
    const { inbox, log, hear } = conversationOf(['ann', 'bob'])
    const shown: (string | null | undefined)[] = []
    const selection = createTestSelection()
    selection.before = item => {
      if (item.type === 'event' && item.event.kind === 'MessageSent') shown.push(item.event.message?.content)
    }
    const { sink } = await inbox('ann', { selection, room: 2 })
    await inbox('bob', { selection })
    await settled()
    const say = (kind: 'MessageSent' | 'MessageDeleted', messageId: string, content: string | null) =>
      hear({ ...log.commit(kind, 'c', { messageId, version: 1 }), message: messageOf(messageId, content) })
    say('MessageSent', 'first', 'one')
    say('MessageSent', 'second', 'two')
    say('MessageDeleted', 'second', null)
    expect(shown).toEqual(['one', 'two'])
    sink.drain()
    await sees(sink, [GREETING, 'MessageSent 2', 'MessageSent 3', 'MessageDeleted 4'])
    expect(shown).toEqual(['one', 'two', undefined])
  })
})

describe('an execution that fails', () => {
  it('delivers nothing, moves no cursor and is tried again after 100 ms, doubling', async () => {
    const { inbox, commit, clock } = conversationOf(['ann', 'bob'])
    const bad = createTestSelection('bad')
    const { sink } = await inbox('ann', { selection: bad })
    const good = (await inbox('bob')).sink
    await settled()
    bad.before = item => {
      if (item.position.position === 3) throw new Error('not now')
    }
    commit('MessageSent')
    commit('MessageSent')
    commit('MessageSent')
    expect(sink.written).toEqual([GREETING, 'MessageSent 2'])
    expect(good.written).toEqual([GREETING, ...positions(2, 4)])
    clock.advance(99)
    await settled()
    const tried = bad.executions
    clock.advance(1)
    await settled()
    expect(bad.executions).toBe(tried + 1)
    clock.advance(199)
    await settled()
    expect(bad.executions).toBe(tried + 1)
    bad.before = () => {}
    clock.advance(1)
    await sees(sink, [GREETING, ...positions(2, 4)])
    commit('MessageSent')
    await sees(sink, [GREETING, ...positions(2, 5)])
  })

  it.each(['throws', 'rejects'])('ends the operation with UNAVAILABLE when it %s five times', async how => {
    const { inbox, conversation, commit, clock } = conversationOf(['ann'])
    const bad = createTestSelection('bad')
    const sinks = [
      (await inbox('ann', { selection: bad })).sink,
      (await conversation('ann', 'c', { selection: bad })).sink,
    ]
    const good = (await inbox('ann')).sink
    await settled()
    bad.before = () => {
      if (how === 'rejects') return Promise.reject(new Error('never'))
      throw new Error('never')
    }
    commit('MessageSent')
    for (const pause of [100, 200, 400, 800]) {
      await settled()
      for (const sink of sinks) expect(sink.ends).toEqual([])
      clock.advance(pause)
    }
    await settled()
    for (const sink of sinks) {
      expect(sink.ends).toMatchObject([{ name: 'RequestError', code: 'UNAVAILABLE' }])
      expect([sink.written, sink.faults]).toEqual([[GREETING], []])
    }
    commit('MessageSent')
    await sees(good, [GREETING, ...positions(2, 3)])
  })

  it('never ends an operation because the log is away', async () => {
    const { inbox, sendMany, clock, log } = conversationOf(['ann'], { ringEvents: 4 })
    const { sink } = await inbox('ann', { room: 3 })
    await settled()
    sendMany(20)
    log.gate = () => Promise.reject(new UnavailableError('away'))
    sink.drain()
    for (let nth = 0; nth < 20; nth++) {
      await settled()
      clock.advance(5_000)
    }
    log.gate = async () => {}
    await settled()
    clock.advance(5_000)
    await vi.waitUntil(() => sink.written.includes('MessageSent 21'))
    expect([sink.ends, sink.faults]).toEqual([[], []])
    expect(sink.written.filter(name => name !== 'CaughtUp 1')).toEqual(positions(2, 21))
  })
})

describe('the end of a membership', () => {
  it('shows the leaver that, takes the access and ends the conversation’s stream; the inbox goes on', async () => {
    const { inbox, conversation, commit } = conversationOf(['ann', 'bob'])
    commit('ConversationCreated', 'd', { memberIds: ['bob'] })
    const open = await Promise.all([inbox('bob'), conversation('bob'), inbox('ann'), conversation('ann')])
    const [bob, bobInC, ann, annInC] = open.map(({ sink }) => sink)
    if (bob === undefined || bobInC === undefined || ann === undefined || annInC === undefined) throw new Error()
    await settled()
    commit('MemberLeft', 'c', { userId: 'bob' })
    commit('MessageSent', 'c')
    commit('MessageSent', 'd')
    await sees(bob, ['CaughtUp 2', 'MemberLeft 3', 'AccessRevoked 3', 'MessageSent 5'])
    await sees(bobInC, ['CaughtUp 2', 'MemberLeft 3', 'AccessRevoked 3'])
    expect(bobInC.ends).toEqual([undefined])
    await sees(ann, ['CaughtUp 2', 'MemberLeft 3', 'MessageSent 4'])
    await sees(annInC, ['CaughtUp 2', 'MemberLeft 3', 'MessageSent 4'])
    commit('MemberJoined', 'c', { userId: 'bob' })
    commit('MessageSent', 'c')
    expect(bob.written.slice(4)).toEqual(['MemberJoined 6', 'MessageSent 7'])
  })

  it('is said in replay as it was live', async () => {
    const { inbox, conversation, commit, log } = conversationOf(['ann', 'bob'])
    commit('MessageSent', 'c')
    commit('MemberLeft', 'c', { userId: 'bob' })
    commit('MessageSent', 'c')
    commit('MemberJoined', 'c', { userId: 'bob' })
    commit('MessageSent', 'c')
    const after = log.events[0] ?? null
    const before = ['MessageSent 2', 'MemberLeft 3', 'AccessRevoked 3']
    await sees((await inbox('bob', { after })).sink, [...before, 'MemberJoined 5', 'MessageSent 6', 'CaughtUp 6'])
    const { sink } = await conversation('bob', 'c', { after })
    await sees(sink, before)
    expect(sink.ends).toEqual([undefined])
  })

  it('is said to a slow reader too, from the ring and from the log', async () => {
    for (const ringEvents of [2, 100]) {
      const { inbox, conversation, commit, sendMany } = conversationOf(['ann', 'bob'], { ringEvents })
      await inbox('ann')
      const sink = (await inbox('bob', { room: 2 })).sink
      const inC = (await conversation('bob', 'c', { room: 2 })).sink
      const edge = (await inbox('bob', { room: 3 })).sink
      await settled()
      sendMany(1)
      commit('MemberLeft', 'c', { userId: 'bob' })
      sendMany(5)
      for (const each of [sink, inC, edge]) each.drain()
      const all = [GREETING, 'MessageSent 2', 'MemberLeft 3', 'AccessRevoked 3']
      for (const each of [sink, inC, edge]) await sees(each, all)
      expect(inC.ends).toEqual([undefined])
      expect(sink.ends).toEqual([])
    }
  })

  it('that begins after the stream does is known from the event alone', async () => {
    const { inbox, commit } = conversationOf(['ann'])
    const { sink } = await inbox('bob')
    await settled()
    commit('MessageSent', 'c')
    commit('MemberJoined', 'c', { userId: 'bob' })
    commit('MessageSent', 'c')
    commit('ConversationCreated', 'd', { memberIds: ['ann', 'bob'] })
    commit('MessageSent', 'd')
    await sees(sink, [GREETING, 'MemberJoined 3', 'MessageSent 4', 'ConversationCreated 5', 'MessageSent 6'])
  })
})

describe('CaughtUp', () => {
  it('is said again after 60 s without an event, with one timer for all', async () => {
    const { inbox, conversation, clock, commit } = conversationOf(['ann', 'bob'])
    const quiet = (await inbox('bob')).sink
    const busy = (await conversation('ann', 'c')).sink
    await settled()
    expect(clock.pending).toBe(1)
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
    expect(clock.pending).toBe(1)
  })

  it('is said again after 1,000 positions without an event', async () => {
    const { inbox, commit, sendMany } = conversationOf(['ann'])
    commit('ConversationCreated', 'd', { memberIds: ['bob'] })
    const ann = (await inbox('ann')).sink
    const bob = (await inbox('bob')).sink
    await settled()
    sendMany(999)
    expect(bob.written).toEqual(['CaughtUp 2'])
    sendMany(1)
    expect(bob.written).toEqual(['CaughtUp 2', 'CaughtUp 1002'])
    expect(ann.written).toHaveLength(1_001)
    sendMany(1_000)
    expect(bob.written).toEqual(['CaughtUp 2', 'CaughtUp 1002', 'CaughtUp 2002'])
  })
})

function messageOf(id: string, content: string | null) {
  const at = new Date(0)
  const ids = { id, conversationId: 'c', senderId: 'bob', clientMessageId: id, replyToId: null }
  const rest = { metadata: null, mentions: [], createdAt: at, editedAt: null, deletedAt: null }
  return { ...ids, ...rest, seq: 1, position: 1, content, version: 1 }
}
