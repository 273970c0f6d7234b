import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Viewer } from '../../src/domain/viewer.ts'
import { describeDatabases } from '../support/database.ts'
import { countTo, openWorld, viewerOf, type World } from '../support/world.ts'

describeDatabases('members who change at once', open => {
  let world: World
  let ada: Viewer
  let bob: Viewer
  let cyd: Viewer
  let conversationId: string
  beforeAll(async () => {
    world = await openWorld(open)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    const people = await world.people()
    ;[ada, bob, cyd] = [people.ada, people.bob, people.cyd]
    const { thing } = await world.conversations.create(ada, { kind: 'PUBLIC', memberIds: ['bob', 'cyd'] })
    conversationId = thing.id
  })

  const makeOwner = (userId: string) => world.members.update(ada, { conversationId, userId, role: 'OWNER' })
  const leave = (viewer: Viewer) => world.members.leave(viewer, { conversationId })
  const owners = () => world.tenantOf(ada).members.ownerCount(conversationId)
  const codes = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
    outcomes.map(outcome => (outcome.status === 'fulfilled' ? 'done' : outcome.reason.code)).toSorted()

  it('of two owners who leave at once, one stays', async () => {
    await makeOwner('bob')
    expect(codes(await Promise.allSettled([leave(ada), leave(bob)]))).toEqual(['FORBIDDEN', 'done'])
    expect(await owners()).toBe(1)
    expect((await world.story(ada, conversationId)).slice(2)).toEqual(['MemberLeft 3'])
  })

  it('of two owners who put each other out at once, one does', async () => {
    await makeOwner('bob')
    const outcomes = await Promise.allSettled([
      world.members.remove(ada, { conversationId, userId: 'bob' }),
      world.members.remove(bob, { conversationId, userId: 'ada' }),
    ])
    expect(codes(outcomes)).toEqual(['FORBIDDEN', 'done'])
    expect(await owners()).toBe(1)
  })

  it('of two owners who demote each other at once, one does', async () => {
    await makeOwner('bob')
    const outcomes = await Promise.allSettled([
      world.members.update(ada, { conversationId, userId: 'bob', role: 'MEMBER' }),
      world.members.update(bob, { conversationId, userId: 'ada', role: 'MEMBER' }),
    ])
    expect(codes(outcomes)).toEqual(['FORBIDDEN', 'done'])
    expect(await owners()).toBe(1)
  })

  it('an owner who leaves while the successor does leaves an owner behind', async () => {
    await Promise.allSettled([makeOwner('bob'), leave(ada), leave(bob), leave(ada)])
    const [found] = await world.tenantOf(ada).conversations.byIds([conversationId])
    expect(await owners()).toBeGreaterThanOrEqual(1)
    expect(found?.memberCount).toBeGreaterThanOrEqual(2)
  })

  it('one who is put out and added at once is in or out, and the count says which', async () => {
    await Promise.allSettled(
      countTo(6).map(n =>
        n % 2 === 0
          ? world.members.add(ada, { conversationId, userIds: ['cyd'] })
          : world.members.remove(ada, { conversationId, userId: 'cyd' }),
      ),
    )
    const [[found], [member]] = await Promise.all([
      world.tenantOf(ada).conversations.byIds([conversationId]),
      world.tenantOf(ada).members.byKeys([{ conversationId, userId: 'cyd' }]),
    ])
    expect(found?.memberCount).toBe(member === undefined ? 2 : 3)
  })

  it('who is put out while sending says nothing after', async () => {
    let removal: Promise<unknown> | undefined
    let acknowledged = 0
    async function sendUntilRefused(lane: number): Promise<unknown> {
      for (const n of countTo(500)) {
        if (lane === 1 && n === 5) removal = world.members.remove(ada, { conversationId, userId: 'cyd' })
        const input = { conversationId, content: 'hi', clientMessageId: `${lane} ${n}` }
        const refusal = await world.messages.send(cyd, input).then(
          () => undefined,
          (error: unknown) => error,
        )
        if (refusal !== undefined) return refusal
        acknowledged++
      }
      return undefined
    }
    const refusals = await Promise.all(countTo(4).map(sendUntilRefused))
    await removal
    for (const refusal of refusals) expect(refusal).toMatchObject({ name: 'Refusal', code: 'FORBIDDEN' })
    const events = await world.events(ada, conversationId)
    const leftAt = events.findIndex(({ kind }) => kind === 'MemberLeft')
    expect(events.slice(leftAt)).toHaveLength(1)
    expect(events.filter(({ kind }) => kind === 'MessageSent')).toHaveLength(acknowledged)
  })

  it('no more come in than there is room for', async () => {
    const small = world.limitedTo({ maxConversationMembers: 5 })
    const crowd = countTo(8).map(n => viewerOf(ada.tenantId, `user-${n}`))
    for (const { userId: id } of crowd) await world.tenantOf(ada).users.ensure({ id, name: null, avatarUrl: null })
    const outcomes = await Promise.allSettled(crowd.map(viewer => small.members.join(viewer, { conversationId })))
    expect(new Set(codes(outcomes).filter(code => code !== 'done'))).toEqual(new Set(['LIMIT_REACHED']))
    const [found] = await world.tenantOf(ada).conversations.byIds([conversationId])
    expect(found?.memberCount).toBe(5)
  })
})
