import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createSender, type Execute, executeOver, SendError } from '../../client/src/index.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { type Person, startTestServer, type TestServer } from '../support/server.ts'
import { createScene, type Scene } from './scene.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({
    env: { RATE_LIMITS: '{"message:send":{"tokens":1000,"perSeconds":1,"burst":1000}}' },
  })
})
afterAll(() => server.close())

let scene: Scene
beforeEach(async () => {
  scene = await createScene(server)
})

/** fetch, as an application would use it. */
function fetching({ token }: Person, url: URL): Execute {
  return async (request, signal) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(request),
      ...(signal && { signal }),
    })
    return response.json()
  }
}

/** What is stored, the oldest first. */
async function stored(): Promise<readonly string[]> {
  const query = 'query Stored($id: ID!) { conversation(id: $id) { messages(last: 100) { nodes { content } } } }'
  const { data } = await scene.alice.ask(query, { id: scene.group })
  const found = data as {
    readonly conversation: { readonly messages: { readonly nodes: readonly { content: string }[] } }
  }
  return found.conversation.messages.nodes.map(({ content }) => content)
}

/** Bob's ways to the server through the proxy. */
const WAYS: readonly (readonly [string, () => Execute])[] = [
  ['fetch', () => fetching(scene.bob, scene.url)],
  ['the socket', () => executeOver(scene.client({ lazyCloseTimeout: 60_000 }))],
]

describe.each(WAYS)('over %s', (name, way) => {
  test('a message is sent, and the server says which', async () => {
    const sent = await createSender(way()).send({ conversationId: scene.group, content: 'hello' })
    expect(sent.userErrors).toEqual([])
    expect(sent.message).toMatchObject({ conversationId: scene.group, clientMessageId: sent.clientMessageId })
    const direct = await createSender<{ content: string }>(way(), { fields: 'content' }).send({
      userIds: ['alice'],
      content: 'and directly',
    })
    expect(direct.message).toEqual({ content: 'and directly' })
    expect(await stored()).toEqual(['hello'])
  })

  test('a message whose answer is lost after the commit is sent again, and is one message', async () => {
    const sender = createSender(way(), { firstPauseMs: 1 })
    await sender.send({ conversationId: scene.group, content: 'first' })
    // The command gets through, its answer does not.
    scene.proxy.stall('down')
    const failures: unknown[] = []
    const sending = sender.send(
      { conversationId: scene.group, content: 'second' },
      { onRetry: failure => failures.push(failure) },
    )
    await expect.poll(stored).toEqual(['first', 'second'])
    scene.proxy.cut()
    scene.proxy.flow()
    const { message } = await sending
    expect(failures.length).toBeGreaterThan(0)
    expect(await stored()).toEqual(['first', 'second'])
    expect(message?.seq).toBe(3)
  })

  test('what the server refuses is told, and is not tried again', async () => {
    const sender = createSender(way(), { firstPauseMs: 1 })
    const refused = await sender.send({ conversationId: 'none', content: 'to nobody' })
    expect(refused.message).toBeNull()
    expect(refused.userErrors.map(({ code }) => code)).toEqual(['NOT_FOUND'])
    const invalid = sender.send({ conversationId: scene.group, content: 'x', mentions: [{}] as unknown as string[] })
    const error = await invalid.catch((why: unknown) => why)
    expect(error).toBeInstanceOf(SendError)
    expect(error).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
  })

  test('messages keep the order of the calls over failures', async () => {
    const sender = createSender(way(), { firstPauseMs: 1 })
    scene.proxy.down()
    const contents = Array.from({ length: 20 }, (_, index) => `message ${index}`)
    const failed = Promise.withResolvers<void>()
    const sending = contents.map(content =>
      sender.send({ conversationId: scene.group, content }, { onRetry: () => failed.resolve() }),
    )
    // The socket waits until there is one.
    if (name === 'fetch') await failed.promise
    scene.proxy.up()
    await Promise.all(sending)
    expect(await stored()).toEqual(contents)
  })
})

test('a rate limit is waited for as long as it says', async () => {
  const clock = createManualClock(Date.now())
  const limits = { 'message:send': { tokens: 1, perSeconds: 60, burst: 1 } }
  const limited = await startTestServer({ clock, env: { RATE_LIMITS: JSON.stringify(limits) } })
  onTestFinished(() => limited.close())
  const bob = await limited.person('bob')
  await (await limited.person('alice')).ask('{ viewer { tenantId } }')
  const sender = createSender(fetching(bob, limited.url), { clock, random: () => 0 })
  const pauses: number[] = []
  const send = () => sender.send({ userIds: ['alice'], content: 'hello' }, { onRetry: (_, ms) => pauses.push(ms) })
  await send()
  const second = send()
  await expect.poll(() => pauses).toEqual([60_000])
  expect(clock.pending).toBeGreaterThan(0)
  clock.advance(60_000)
  expect((await second).message?.seq).toBe(3)
  expect(pauses).toEqual([60_000])
}, 90_000)

describe('a signal', () => {
  test('ends the waiting for a message, and those behind it go on', async () => {
    const sender = createSender(fetching(scene.bob, scene.url), { firstPauseMs: 60_000, random: () => 0.5 })
    scene.proxy.down()
    const first = new AbortController()
    const behind = new AbortController()
    const failed = Promise.withResolvers<void>()
    const input = (content: string) => ({ conversationId: scene.group, content })
    const sending = sender.send(input('first'), { signal: first.signal, onRetry: () => failed.resolve() })
    const waiting = sender.send(input('second'), { signal: behind.signal })
    const last = sender.send(input('third'))
    await failed.promise
    behind.abort(new Error('not wanted'))
    await expect(waiting).rejects.toThrow('not wanted')
    scene.proxy.up()
    first.abort(new Error('nor this'))
    await expect(sending).rejects.toThrow('nor this')
    expect((await last).message).not.toBeNull()
    expect(await stored()).toEqual(['third'])
  })

  test('that is aborted already sends nothing', async () => {
    const sender = createSender(fetching(scene.bob, scene.url))
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(sender.send({ conversationId: scene.group, content: 'x' }, { signal })).rejects.toThrow('too late')
    await sender.send({ conversationId: scene.group, content: 'y' })
    expect(await stored()).toEqual(['y'])
  })
})
