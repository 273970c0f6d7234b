import { describe, expect, it } from 'vitest'
import { conversationOf, GREETING, sees, settled } from './durable-world.ts'

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

  it('takes the access again from a client that comes back from there, which may not have heard of it', async () => {
    const { inbox, conversation, commit, sendMany, log } = conversationOf(['ann', 'bob'], { pageEvents: 2 })
    commit('MessageSent', 'c')
    commit('MemberLeft', 'c', { userId: 'bob' })
    commit('MemberJoined', 'c', { userId: 'bob' })
    sendMany(3)
    const rest = ['MemberJoined 4', 'MessageSent 5', 'MessageSent 6', 'MessageSent 7', 'CaughtUp 7']
    const after = log.events[2] ?? null
    await sees((await inbox('bob', { after })).sink, ['AccessRevoked 3', ...rest])
    await sees((await inbox('ann', { after })).sink, rest)
    await sees((await conversation('bob', 'c', { after })).sink, rest)
    const all = ['MessageSent 2', 'MemberLeft 3', 'AccessRevoked 3', ...rest]
    await sees((await inbox('bob', { after: log.events[0] ?? null })).sink, all)
    const before = log.events[1] ?? null
    await sees((await inbox('bob', { after: before })).sink, all.slice(1))
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
