import { describe, expect, it, vi } from 'vitest'
import { RequestError } from '../../src/domain/errors.ts'
import { UnavailableError } from '../../src/store/database/database.ts'
import { conversationOf, createTestSelection, GREETING, positions, sees, settled } from './durable-world.ts'

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

  it('is told as a former member what it still lacks once it has been removed; nobody else is', async () => {
    const { inbox, conversation, sendMany, commit } = conversationOf(['ann', 'bob'])
    const watching = (key: string) => {
      const selection = createTestSelection(key)
      const formers: boolean[] = []
      selection.before = item => void (item.type === 'event' && formers.push(item.former === true))
      return { selection, formers }
    }
    const [one, two, three] = [watching('inbox'), watching('conversation'), watching('another')]
    const sinks = [
      (await inbox('ann', { room: 3, selection: one.selection })).sink,
      (await conversation('ann', 'c', { room: 3, selection: two.selection })).sink,
    ]
    const { sink: bob } = await inbox('bob', { room: 3, selection: three.selection })
    await settled()
    sendMany(10)
    commit('MemberLeft', 'c', { userId: 'ann' })
    for (const each of [...sinks, bob]) each.drain()
    const all = [GREETING, ...positions(2, 11), 'MemberLeft 12']
    for (const each of sinks) await sees(each, [...all, 'AccessRevoked 12'])
    await sees(bob, all)
    for (const { formers } of [one, two]) expect(formers.slice(-9)).toEqual(Array.from({ length: 9 }, () => true))
    expect(three.formers).not.toContain(true)
  })

  it('is not shown again what was taken out of a message meanwhile', async () => {
    const { inbox, log, hear } = conversationOf(['ann', 'bob'])
    const shown: (string | null | undefined)[] = []
    const selection = createTestSelection()
    selection.before = item => {
      if (item.type === 'event' && item.event.kind === 'MessageSent') shown.push(item.event.made?.()?.message.content)
    }
    const { sink } = await inbox('ann', { selection, room: 2 })
    await inbox('bob', { selection })
    await settled()
    const say = (kind: 'MessageSent' | 'MessageDeleted', messageId: string, content: string | null) =>
      hear({
        ...log.commit(kind, 'c', { messageId, version: 1 }),
        made: () => ({ message: messageOf(messageId, content), sender: { id: 'ann', name: null, avatarUrl: null } }),
      })
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
  it.each(['throws', 'rejects'])(
    '(it %s) delivers nothing, moves no cursor and is tried again after 100 ms, doubling',
    async how => {
      const { inbox, commit, clock } = conversationOf(['ann', 'bob'])
      const bad = createTestSelection('bad')
      const { sink } = await inbox('ann', { selection: bad })
      const good = (await inbox('bob')).sink
      await settled()
      bad.before = item => {
        if (item.position.position !== 3) return undefined
        if (how === 'rejects') return Promise.reject(new Error('not now'))
        throw new Error('not now')
      }
      commit('MessageSent')
      commit('MessageSent')
      commit('MessageSent')
      await settled()
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
    },
  )

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

  it('never ends an operation because what its document shows cannot be read while the database is away', async () => {
    const { inbox, commit, clock } = conversationOf(['ann'])
    const document = createTestSelection('needs the database')
    const { sink } = await inbox('ann', { selection: document })
    await settled()
    document.before = () => Promise.reject(new RequestError('UNAVAILABLE', 'away'))
    commit('MessageSent')
    for (let nth = 0; nth < 20; nth++) {
      await settled()
      clock.advance(5_000)
    }
    document.before = () => {}
    commit('MessageSent')
    await settled()
    clock.advance(5_000)
    await sees(sink, [GREETING, ...positions(2, 3)])
    expect(sink.ends).toEqual([])
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

function messageOf(id: string, content: string | null) {
  const at = new Date(0)
  const ids = { id, conversationId: 'c', senderId: 'bob', clientMessageId: id, replyToId: null }
  const rest = { metadata: null, mentions: [], createdAt: at, editedAt: null, deletedAt: null }
  return { ...ids, ...rest, seq: 1, position: 1, content, version: 1 }
}
