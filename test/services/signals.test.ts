import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isId, newId } from '../../src/domain/ids.ts'
import type { Json } from '../../src/domain/json.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { createSignalService } from '../../src/services/signals.ts'
import { listening, newTenant, openWorld } from '../support/ephemeral-world.ts'
import { enrol } from '../support/tenant-fixture.ts'

const refusal = (code: string, field: string) =>
  expect.objectContaining({ name: 'Refusal', code, field: ['input', field] })
const requestError = (code: string) => expect.objectContaining({ name: 'RequestError', code })

describe('signals', () => {
  let world: Awaited<ReturnType<typeof openWorld>>
  let signals: ReturnType<typeof createSignalService>
  let ada: Viewer
  let bob: Viewer
  let cyd: Viewer
  let eve: Viewer
  let conversationId: string
  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    signals = createSignalService({ ...world, streams: world.node() })
    const viewer = await newTenant(world, 'ada', 'bob', 'cyd', 'eve')
    ;[ada, bob, cyd, eve] = [viewer('ada'), viewer('bob'), viewer('cyd'), viewer('eve')]
    conversationId = await converse('bob', 'cyd')
  })
  afterEach(() => signals.close())

  async function converse(...memberIds: string[]) {
    const { thing } = await world.conversations.create(ada, { kind: 'GROUP', memberIds })
    return thing.id
  }
  async function listen(viewer: Viewer, id: string | null = conversationId, service = signals) {
    const live = listening(viewer)
    const subscription = await service.open(viewer, id, live)
    return { ...live, close: () => subscription.close() }
  }
  const send = (viewer: Viewer, type: string, more: { toUserId?: string; payload?: Json } = {}) =>
    signals.send(viewer, { conversationId, type, ...more })

  it('reach every other member, whether they listen to that conversation or to all of theirs', async () => {
    const lives = [await listen(bob), await listen(bob, null), await listen(cyd), await listen(cyd, null)]
    const sent = await send(ada, 'call.offer', { payload: { sdp: 'é', __proto__: null } })
    expect(isId(sent.id)).toBe(true)
    for (const live of lives) await live.sees([JSON.parse(JSON.stringify(sent))])
    expect(sent).toMatchObject({ conversationId, fromId: 'ada', toUserId: null, at: new Date(world.clock.now()) })
  })

  it('reach only the one they are for', async () => {
    const [bobs, cyds] = [await listen(bob, null), await listen(cyd, null)]
    const [bobHere, cydHere] = [await listen(bob), await listen(cyd)]
    await send(ada, 'for-bob', { toUserId: 'bob' })
    await send(ada, 'for-all')
    await bobs.sees([{ type: 'for-bob' }, { type: 'for-all' }])
    await bobHere.sees([{ type: 'for-bob' }, { type: 'for-all' }])
    await cyds.sees([{ type: 'for-all' }])
    await cydHere.sees([{ type: 'for-all' }])
  })

  it('never come back to their sender', async () => {
    const [here, all] = [await listen(ada), await listen(ada, null)]
    await send(ada, 'mine')
    await send(bob, 'yours')
    await here.sees([{ type: 'yours' }])
    await all.sees([{ type: 'yours' }])
  })

  it('keep their order', async () => {
    const [here, all] = [await listen(bob), await listen(bob, null)]
    const types = Array.from({ length: 50 }, (_, n) => ({ type: `s${n}` }))
    for (const { type } of types) await send(ada, type)
    await here.sees(types)
    await all.sees(types)
  })

  it('do not reach other conversations, other tenants or who is no member', async () => {
    const stranger = (await newTenant(world, 'bob'))('bob')
    const other = await converse('bob')
    const lives = [await listen(bob, other), await listen(eve, null), await listen(stranger, null)]
    const witness = await listen(bob, null)
    await send(ada, 'x')
    await witness.sees([{ type: 'x' }])
    expect(lives.map(({ items }) => items)).toEqual([[], [], []])
  })

  it('do not reach a removed member, who is told so only where they listened to that conversation', async () => {
    const [here, all, witness] = [await listen(bob), await listen(bob, null), await listen(cyd, null)]
    await world.members.remove(ada, { conversationId, userId: 'bob' })
    await send(ada, 'late')
    await witness.sees([{ type: 'late' }])
    expect([here.items, all.items]).toEqual([[], []])
    expect([here.ends, all.ends]).toEqual([[requestError('ACCESS_REVOKED')], []])
  })

  it('find the few members among many who listen to all of theirs', async () => {
    const others = Array.from({ length: 120 }, (_, n) => `user${n}`)
    await enrol(world.store.tenant(ada.tenantId), ...others)
    const lives = await Promise.all(others.map(userId => listen({ ...ada, userId }, null)))
    const [bobs, cyds] = [await listen(bob, null), await listen(cyd, null)]
    await send(ada, 'x')
    await bobs.sees([{ type: 'x' }])
    await cyds.sees([{ type: 'x' }])
    expect(lives.flatMap(({ items }) => items)).toEqual([])
  })

  it('reach other nodes', async () => {
    const other = createSignalService({ ...world, streams: world.node() })
    const [here, all] = [await listen(bob, conversationId, other), await listen(bob, null, other)]
    await send(ada, 'x')
    await here.sees([{ type: 'x' }])
    await all.sees([{ type: 'x' }])
    await other.close()
  })

  it('carry any JSON of up to 32 KB unchanged', async () => {
    const live = await listen(bob)
    const payloads: Json[] = [null, 0, 'x'.repeat(32_766), [{ a: [] }], JSON.parse('{"__proto__":{"x":1},"":"😀"}')]
    for (const payload of payloads) await send(ada, 'x', { payload })
    await live.sees(payloads.map(payload => ({ payload })))
    expect(Object.keys(Object(live.items.at(-1)?.['payload']))).toEqual(['__proto__', ''])
    await expect(send(ada, 'x', { payload: 'x'.repeat(32_767) })).rejects.toThrow(refusal('TOO_LONG', 'payload'))
    await expect(send(ada, 'x', { payload: '\ud800' })).rejects.toThrow(refusal('INVALID', 'payload'))
  })

  it('are as large as the configuration lets them', async () => {
    const small = createSignalService({ ...world, streams: world.node(), maxPayloadBytes: 4 })
    const sendSmall = (payload: Json) => small.send(ada, { conversationId, type: 'x', payload })
    await expect(sendSmall('ab')).resolves.toMatchObject({ payload: 'ab' })
    await expect(sendSmall('é1')).rejects.toThrow(refusal('TOO_LONG', 'payload'))
    await small.close()
  })

  it('have a type of 1 to 64 plain characters', async () => {
    await expect(send(ada, `aZ0._:-${'x'.repeat(57)}`)).resolves.toMatchObject({ fromId: 'ada' })
    for (const type of ['', 'x'.repeat(65), 'a b', 'é', 'a\n', '\0']) {
      await expect(send(ada, type)).rejects.toThrow(refusal('INVALID', 'type'))
    }
  })

  it('are refused to and from those who are no members', async () => {
    await expect(send(eve, 'x')).rejects.toThrow(refusal('NOT_FOUND', 'conversationId'))
    for (const id of [newId(), 'rubbish', '']) {
      const attempt = signals.send(ada, { conversationId: id, type: 'x' })
      await expect(attempt).rejects.toThrow(refusal('NOT_FOUND', 'conversationId'))
    }
    for (const toUserId of ['eve', 'nobody', '', 'a\0', '\ud800']) {
      await expect(send(ada, 'x', { toUserId })).rejects.toThrow(refusal('NOT_FOUND', 'toUserId'))
    }
    await expect(send(ada, 'x', { toUserId: 'ada' })).rejects.toThrow(refusal('INVALID', 'toUserId'))
    await expect(listen(eve)).rejects.toThrow(requestError('NOT_FOUND'))
  })

  it('are refused in an archived conversation', async () => {
    await world.conversations.archive(ada, { conversationId, archived: true })
    await expect(send(ada, 'x')).rejects.toThrow(refusal('ARCHIVED', 'conversationId'))
  })

  it('stop when the client leaves', async () => {
    const [left, all, witness] = [await listen(bob), await listen(bob, null), await listen(cyd)]
    left.close()
    all.close()
    await send(ada, 'x')
    await witness.sees([{ type: 'x' }])
    expect([left.items, all.items]).toEqual([[], []])
  })
})
