import { describe, expect, it } from 'vitest'
import { settled } from './durable-world.ts'
import { change, createBrake, createRoomWorld, ROOM } from './room-world.ts'

describe('who loses the membership', () => {
  it('is thrown out with ACCESS_REVOKED, and nobody else is', async () => {
    const { open, publish, commit } = createRoomWorld()
    const bob = (await open('bob')).sink
    const ann = (await open('ann')).sink
    const elsewhere = (await open('bob', { conversationId: 'd' })).sink
    await settled()
    commit('MemberLeft', 'c', { userId: 'bob' })
    expect(bob.ends).toMatchObject([{ name: 'RequestError', code: 'ACCESS_REVOKED' }])
    publish(change('eve', 1))
    expect([bob.written, bob.faults]).toEqual([[], []])
    expect([ann.ends, elsewhere.ends]).toEqual([[], []])
    expect([ann.written, elsewhere.written]).toEqual([['eve types 1'], ['eve types 1']])
  })

  it('is refused when that was applied before the snapshot came', async () => {
    const { open, commit, tenant } = createRoomWorld()
    const brake = createBrake()
    const opening = open('bob', { snapshot: () => brake.wait().then(() => []) })
    await settled()
    commit('MemberLeft', 'c', { userId: 'bob' })
    brake.go()
    await expect(opening).rejects.toMatchObject({ name: 'RequestError', code: 'ACCESS_REVOKED' })
    expect(tenant.occupied(ROOM)).toBe(false)
  })

  it('is told so even between the promise and the first result', async () => {
    const { open, commit } = createRoomWorld()
    const { sink } = await open('bob', { snapshot: async () => [change('ann', 1)] })
    commit('MemberLeft', 'c', { userId: 'bob' })
    expect(sink.ends).toEqual([])
    await settled()
    expect([sink.written, sink.faults]).toEqual([[], []])
    expect(sink.ends).toMatchObject([{ code: 'ACCESS_REVOKED' }])
  })

  it('is not kept by a log that was put back: who listens as a member has to ask anew', async () => {
    const { open, publish, commit, inbox, log } = createRoomWorld()
    commit('MemberJoined', 'c', { userId: 'bob' })
    const bob = (await open('bob')).sink
    await settled()
    log.rewind(1)
    await inbox('ann')
    publish(change('eve', 1))
    expect(bob.ends).toMatchObject([{ name: 'RequestError', code: 'UNAVAILABLE' }])
    expect([bob.written, bob.faults]).toEqual([[], []])
  })
})
