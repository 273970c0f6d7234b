import { describe, expect, it, vi } from 'vitest'
import { UnavailableError } from '../../src/store/database/database.ts'
import { createDurableWorld, createTestSelection, sees, settled } from './durable-world.ts'
import { createRecordingSink } from './recording-sink.ts'

/** Somebody is in the conversation «c», and it has some messages. */
function conversationOf(...memberIds: string[]) {
  const world = createDurableWorld()
  world.commit('ConversationCreated', 'c', { memberIds })
  world.sendMany(2)
  return world
}

function createGate() {
  let open = () => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { open, pass: () => opened }
}

describe('opening a durable stream', () => {
  it('without a cursor says CaughtUp at once and then what comes', async () => {
    const { inbox, commit, log } = conversationOf('ann')
    const { sink } = await inbox('ann')
    await sees(sink, ['CaughtUp 3'])
    commit('MessageSent')
    expect(sink.written).toEqual(['CaughtUp 3', 'MessageSent 4'])
    expect(log.reads).toMatchObject({ after: 0, pages: 1 })
  })

  it('with a cursor says what was missed, then CaughtUp', async () => {
    const { inbox, conversation, log } = conversationOf('ann')
    const after = log.events[0]
    if (after === undefined) throw new Error('nothing was committed')
    const missed = ['MessageSent 2', 'MessageSent 3', 'CaughtUp 3']
    await sees((await inbox('ann', { after })).sink, missed)
    await sees((await conversation('ann', 'c', { after })).sink, missed)
  })

  it('reads as many pages as it needs, and only while the socket takes them', async () => {
    const { inbox, commit, sendMany, log } = createDurableWorld({ pageEvents: 10, ringEvents: 4 })
    const after = commit('ConversationCreated', 'c', { memberIds: ['ann'] })
    sendMany(35)
    const { sink } = await inbox('ann', { after, room: 12 })
    await vi.waitUntil(() => sink.written.length === 12)
    await settled()
    expect(log.reads.pages).toBe(2)
    sink.drain()
    await sees(sink, [...Array.from({ length: 35 }, (_, nth) => `MessageSent ${nth + 2}`), 'CaughtUp 36'])
  })

  it('is refused without an open membership, before anything is written', async () => {
    const { conversation, commit, streams, clock } = conversationOf('ann', 'bob')
    commit('MemberLeft', 'c', { userId: 'bob' })
    for (const [userId, id] of [
      ['bob', 'c'],
      ['eve', 'c'],
      ['ann', 'nowhere'],
    ] as const) {
      const sink = createRecordingSink(userId)
      sink.shut()
      await expect(conversation(userId, id, { sink })).rejects.toMatchObject({
        name: 'RequestError',
        code: 'NOT_FOUND',
        message: 'No such conversation.',
      })
      expect(sink.faults).toEqual([])
    }
    expect(clock.pending).toBe(0)
    await streams.close()
  })

  it('is refused as UNAVAILABLE while the log cannot be read', async () => {
    const { inbox, log } = conversationOf('ann')
    log.gate = () => Promise.reject(new UnavailableError('away'))
    await expect(inbox('ann')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    log.gate = async () => {}
    await sees((await inbox('ann')).sink, ['CaughtUp 3'])
  })

  it('is refused at the ninth different document of a viewer in a room, and not at the ninth equal one', async () => {
    const { inbox, conversation } = conversationOf('ann', 'bob')
    for (let nth = 0; nth < 8; nth++) await inbox('ann', { selection: createTestSelection(`document ${nth}`) })
    await inbox('ann', { selection: createTestSelection('document 7') })
    const ninth = { selection: createTestSelection('document 8') }
    await expect(inbox('ann', ninth)).rejects.toMatchObject({ code: 'TOO_MANY_SELECTIONS' })
    await inbox('bob', ninth)
    await conversation('ann', 'c', ninth)
  })

  it('counts documents of openings that are still under way', async () => {
    const { inbox } = conversationOf('ann')
    const openings = Array.from({ length: 9 }, (_, nth) => inbox('ann', { selection: createTestSelection(`${nth}`) }))
    const outcomes = await Promise.allSettled(openings)
    expect(outcomes.map(outcome => outcome.status)).toEqual([...Array(8).fill('fulfilled'), 'rejected'])
  })

  it('forgets the documents of those who left', async () => {
    const { inbox } = conversationOf('ann')
    for (let nth = 0; nth < 20; nth++) {
      const { subscription } = await inbox('ann', { selection: createTestSelection(`${nth}`) })
      subscription.close()
      subscription.close()
    }
  })

  it('writes nothing before the opener has it in hand', async () => {
    const { inbox, commit } = conversationOf('ann')
    const { sink } = await inbox('ann')
    for (let hop = 0; hop < 20; hop++) await Promise.resolve()
    expect(sink.written).toEqual([])
    commit('MessageSent')
    await sees(sink, ['MessageSent 4', 'CaughtUp 4'])
  })

  it('misses nothing of what is committed while the snapshot is on its way', async () => {
    const { inbox, commit, log } = conversationOf('ann')
    const gate = createGate()
    log.gate = vi.fn<() => Promise<void>>().mockResolvedValueOnce().mockImplementation(gate.pass)
    const opening = inbox('ann')
    await settled()
    commit('MessageSent')
    commit('MessageSent')
    gate.open()
    await sees((await opening).sink, ['MessageSent 4', 'MessageSent 5', 'CaughtUp 5'])
    expect(log.reads.after).toBe(0)
  })

  it('does no harm when its snapshot is ahead of what this node has heard', async () => {
    const { inbox, conversation, commit, hear, log } = conversationOf('ann')
    await inbox('ann')
    const joined = log.commit('MemberJoined', 'c', { userId: 'bob' })
    const sinks = [(await inbox('bob')).sink, (await conversation('bob')).sink]
    for (const sink of sinks) await sees(sink, ['CaughtUp 4'])
    hear(joined)
    commit('MessageSent')
    commit('MemberLeft', 'c', { userId: 'bob' })
    commit('MessageSent')
    for (const sink of sinks) await sees(sink, ['CaughtUp 4', 'MessageSent 5', 'MemberLeft 6', 'AccessRevoked 6'])
  })

  it('reads the log where another of the user’s inboxes knows only what came later', async () => {
    const { inbox, commit, log } = createDurableWorld({ pageEvents: 1 })
    commit('ConversationCreated', 'c', { memberIds: ['ann', 'bob'] })
    await inbox('ann')
    await settled()
    commit('MessageSent')
    commit('MessageSent')
    commit('MemberLeft', 'c', { userId: 'bob' })
    await sees((await inbox('bob')).sink, ['CaughtUp 4'])
    const { sink } = await inbox('bob', { after: log.events[0] ?? null })
    await sees(sink, ['MessageSent 2', 'MessageSent 3', 'MemberLeft 4', 'AccessRevoked 4', 'CaughtUp 4'])
  })

  it('from between two memberships shows nothing of what was said in between', async () => {
    const { inbox, conversation, commit, clock } = conversationOf('ann', 'bob')
    const between = commit('MemberLeft', 'c', { userId: 'bob' })
    await inbox('ann')
    await settled()
    commit('MessageSent')
    commit('MemberJoined', 'c', { userId: 'bob' })
    const selection = createTestSelection('fails at first')
    selection.before = () => {
      throw new Error('not now')
    }
    const { sink } = await conversation('bob', 'c', { after: between, selection })
    await settled()
    selection.before = () => {}
    clock.advance(100)
    await sees(sink, ['MemberJoined 6', 'CaughtUp 6'])
  })

  it('tells a cursor that is no place of this log to fetch the state anew, and goes on', async () => {
    const { inbox, conversation, commit } = conversationOf('ann')
    const after = { position: 2, mark: 99n }
    const { sink } = await inbox('ann', { after })
    await sees(sink, ['ResyncRequired 3', 'CaughtUp 3'])
    const other = await conversation('ann', 'c', { after: { position: 999, mark: 1n } })
    await sees(other.sink, ['ResyncRequired 3', 'CaughtUp 3'])
    commit('MessageSent')
    await sees(sink, ['ResyncRequired 3', 'CaughtUp 3', 'MessageSent 4'])
    await sees(other.sink, ['ResyncRequired 3', 'CaughtUp 3', 'MessageSent 4'])
  })
})

describe('closing', () => {
  it('is heard at any moment of an opening', async () => {
    for (const moment of ['handed over', 'page', 'execution'] as const) {
      const { inbox, commit, sendMany, log, clock } = createDurableWorld({ pageEvents: 2 })
      const after = commit('ConversationCreated', 'c', { memberIds: ['ann'] })
      sendMany(5)
      const gate = createGate()
      const selection = createTestSelection()
      if (moment === 'execution') selection.before = gate.pass
      const { sink, subscription } = await inbox('ann', { after, selection })
      if (moment === 'page') log.gate = gate.pass
      if (moment !== 'handed over') await settled()
      const before = sink.written.length
      expect(before).toBe(moment === 'page' ? 2 : 0)
      subscription.close()
      sink.shut()
      gate.open()
      commit('MessageSent')
      await settled()
      expect([sink.written.length - before, sink.faults, sink.ends]).toEqual([0, [], []])
      expect(clock.pending).toBe(0)
    }
  })

  it('of the last listener forgets the tenant, and the next begins anew', async () => {
    const { inbox, commit, streams, clock } = conversationOf('ann')
    const heard: number[] = []
    streams.onEvent((_, event) => heard.push(event.position))
    const { subscription } = await inbox('ann')
    await settled()
    commit('MessageSent')
    expect(clock.pending).toBeGreaterThan(0)
    subscription.close()
    expect(clock.pending).toBe(0)
    commit('MessageSent')
    expect(heard).toEqual([4])
    const { sink } = await inbox('ann')
    await sees(sink, ['CaughtUp 5'])
    commit('MessageSent')
    expect(heard).toEqual([4, 6])
  })

  it('of everything ends every operation and leaves no timer', async () => {
    const { inbox, conversation, streams, clock, log, commit } = conversationOf('ann')
    const sinks = [(await inbox('ann')).sink, (await conversation('ann')).sink]
    await settled()
    const gate = createGate()
    log.gate = gate.pass
    const opening = inbox('ann')
    await streams.close()
    gate.open()
    await expect(opening).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    for (const sink of sinks) expect(sink.ends).toMatchObject([{ code: 'UNAVAILABLE' }])
    await expect(inbox('ann')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    commit('MessageSent')
    expect(clock.pending).toBe(0)
  })
})
