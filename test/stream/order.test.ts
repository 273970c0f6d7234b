import { describe, expect, it } from 'vitest'
import { UnavailableError } from '../../src/store/database/database.ts'
import { conversationOf, GREETING, positions, sees, settled } from './durable-world.ts'

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

  it('looks for what was committed without a word, until the log answers', async () => {
    const { inbox, log, streams, clock } = conversationOf(['ann'])
    const { sink } = await inbox('ann')
    await settled()
    log.commit('MessageSent', 'c')
    log.gate = () => Promise.reject(new UnavailableError('away'))
    streams.doubt('acme')
    clock.advance(50)
    await settled()
    log.gate = async () => {}
    clock.advance(5_000)
    await sees(sink, [GREETING, 'MessageSent 2'])
    expect(log.reads.after).toBe(2)
    streams.doubt('acme')
    clock.advance(50)
    await settled()
    clock.advance(50_000)
    expect(log.reads.after).toBe(3)
  })

  it('finds within a second what nobody told of, and asks nothing more while nothing happens', async () => {
    const { inbox, log, clock } = conversationOf(['ann'])
    const { sink } = await inbox('ann')
    await settled()
    log.commit('MessageSent', 'c')
    clock.advance(999)
    await settled()
    expect(log.reads).toMatchObject({ heads: 0, after: 0 })
    clock.advance(1)
    await settled()
    clock.advance(50)
    await sees(sink, [GREETING, 'MessageSent 2'])
    for (let second = 0; second < 5; second++) {
      clock.advance(1_000)
      await settled()
    }
    expect(log.reads).toMatchObject({ heads: 6, after: 1 })
  })

  it('goes on sweeping after the database was away', async () => {
    const { inbox, log, clock, logger } = conversationOf(['ann'])
    const { sink } = await inbox('ann')
    await settled()
    log.commit('MessageSent', 'c')
    log.away = true
    for (let second = 0; second < 3; second++) {
      clock.advance(1_000)
      await settled()
    }
    expect(logger.entries.filter(({ level }) => level === 'warn')).toHaveLength(1)
    log.away = false
    clock.advance(1_000)
    await settled()
    clock.advance(50)
    await sees(sink, [GREETING, 'MessageSent 2'])
  })

  it('notices by itself that the log was put back, and that as much was written since', async () => {
    for (const written of [0, 4, 5, 6]) {
      const { inbox, sendMany, log, clock } = conversationOf(['ann'])
      const { sink } = await inbox('ann')
      await settled()
      sendMany(9)
      log.rewind(5)
      for (let nth = 0; nth < written; nth++) log.commit('MessageSent', 'c')
      clock.advance(1_000)
      await settled()
      clock.advance(50)
      const head = 5 + written
      await sees(sink, [GREETING, ...positions(2, 10), `ResyncRequired ${head}`, `CaughtUp ${head}`])
    }
  })

  it('shows nothing of a log that was put back before everyone was told', async () => {
    const { inbox, sendMany, log, hear, clock } = conversationOf(['ann'])
    const { sink } = await inbox('ann')
    await settled()
    sendMany(9)
    log.rewind(5)
    for (let nth = 0; nth < 9; nth++) hear(log.commit('MessageSent', 'c'))
    expect(sink.written).toEqual([GREETING, ...positions(2, 10)])
    clock.advance(50)
    await sees(sink, [GREETING, ...positions(2, 10), 'ResyncRequired 14', 'CaughtUp 14'])
    hear(log.commit('MessageSent', 'c'))
    expect(sink.written.at(-1)).toBe('MessageSent 15')
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

  it('ends the stream of a conversation that its member never joined in the log that was put back', async () => {
    const { inbox, conversation, commit, log } = conversationOf(['ann'])
    commit('MemberJoined', 'c', { userId: 'bob' })
    const { sink } = await conversation('bob')
    await settled()
    log.rewind(1)
    await inbox('ann')
    await sees(sink, ['CaughtUp 2', 'ResyncRequired 1', 'AccessRevoked 1'])
    expect(sink.ends).toEqual([undefined])
  })
})
