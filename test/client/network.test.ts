import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createSender, executeOver } from '../../client/src/index.ts'
import { postgresDatabase } from '../support/database.ts'
import { listen } from '../support/listening.ts'
import { createManualClock } from '../support/manual-clock.ts'
import * as say from '../support/sayings.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { createScene, type Scene } from './scene.ts'

const INBOX = 'subscription { inbox { __typename ... on MessageSent { message { content } } } }'

interface Inbox {
  readonly inbox: { readonly __typename: string; readonly message?: { readonly content: string } }
}

const isCaughtUp = ({ inbox }: Inbox) => inbox.__typename === 'CaughtUp'
const has =
  (content: string) =>
  ({ inbox }: Inbox) =>
    inbox.message?.content === content

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

let scene: Scene
beforeEach(async () => {
  scene = await createScene(server)
})

describe('a network that goes without a word', () => {
  test('is noticed by the missing answer to a ping, and the subscription goes on over another connection', async () => {
    const inbox = listen<Inbox>(scene.client({ keepAlive: 20, pongWaitMs: 100 }), INBOX)
    await inbox.first(isCaughtUp)
    scene.proxy.connections[0]?.stall()
    await say.send(scene.alice, scene.group, 'after the silence')
    await inbox.first(has('after the silence'))
    inbox.stop()
  })

  test('is noticed while connecting', async () => {
    scene.proxy.stall()
    const client = scene.client({ connectWaitMs: 50 })
    const closes: unknown[] = []
    client.on('closed', event => closes.push(event))
    const inbox = listen<Inbox>(client, INBOX)
    await expect.poll(() => closes.length).toBeGreaterThan(1)
    scene.proxy.flow()
    await inbox.first(isCaughtUp)
    inbox.stop()
  })
})

test('a mutation that was cut off is not done again: the application is told', async () => {
  const client = scene.client()
  const inbox = listen<Inbox>(client, INBOX)
  await inbox.first(isCaughtUp)
  const count = async () => {
    const { data } = await scene.bob.ask('{ conversations { nodes { id } } }')
    return (data as { readonly conversations: { readonly nodes: readonly unknown[] } }).conversations.nodes.length
  }
  expect(await count()).toBe(1)
  scene.proxy.stall('down')
  const create = 'mutation { createConversation(input: { kind: GROUP, title: "once" }) { conversation { id } } }'
  const creating = listen(client, create)
  await expect.poll(count).toBe(2)
  scene.proxy.cut()
  scene.proxy.flow()
  expect(await creating.ended).toMatchObject({ code: 1006 })
  await say.send(scene.alice, scene.group, 'the socket is back')
  await inbox.first(has('the socket is back'))
  expect(await count()).toBe(2)
})

test('a query waits for a connection', async () => {
  scene.proxy.down()
  const client = scene.client()
  const failed = new Promise<void>(resolve => client.on('error', () => resolve()))
  const asking = client.iterate({ query: '{ viewer { user { id } } }' }).next()
  await failed
  scene.proxy.up()
  expect((await asking).value?.data).toEqual({ viewer: { user: { id: 'bob' } } })
})

test('what the server refuses ends its operation alone', async () => {
  const client = scene.client()
  const inbox = listen<Inbox>(client, INBOX)
  await inbox.first(isCaughtUp)
  const typing = listen(client, 'subscription { typing(conversationId: "none") { isTyping } }')
  expect(await typing.ended).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
  const cursor = listen(client, INBOX, { extensions: { resumeAfter: 'none' } })
  expect(await cursor.ended).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  await say.send(scene.alice, scene.group, 'still here')
  await inbox.first(has('still here'))
  expect(scene.proxy.connections.length).toBe(1)
})

test('a conversation that is left completes its stream', async () => {
  const query = `subscription Room($id: ID!) { conversationEvents(conversationId: $id) { __typename } }`
  type Room = { readonly conversationEvents: { readonly __typename: string } }
  const room = listen<Room>(scene.client(), query, { variables: { id: scene.group } })
  await room.first(({ conversationEvents }) => conversationEvents.__typename === 'CaughtUp')
  await say.removeMember(scene.alice, scene.group, 'bob')
  expect(await room.ended).toBeUndefined()
  expect(room.results.at(-1)?.data.conversationEvents.__typename).toBe('AccessRevoked')
})

test('a forged token ends every operation, and nothing is tried again', async () => {
  const client = scene.client({ token: () => 'forged' })
  const connecting = vi.fn()
  client.on('connecting', connecting)
  expect(await listen(client, INBOX).ended).toMatchObject({ code: 4401 })
  expect(connecting).toHaveBeenCalledTimes(1)
})

test('who listens to the connection is told which one is a retry', async () => {
  const client = scene.client()
  const connected: boolean[] = []
  client.on('connected', (_socket, _payload, wasRetry) => connected.push(wasRetry))
  const inbox = listen<Inbox>(client, INBOX)
  await inbox.first(isCaughtUp)
  scene.proxy.cut()
  await expect.poll(() => connected).toEqual([false, true])
})

test('a connection is closed once its last operation is left, also one that is not the first', async () => {
  const client = scene.client()
  const inboxes = [listen<Inbox>(client, INBOX), listen<Inbox>(client, INBOX)]
  await Promise.all(inboxes.map(inbox => inbox.first(isCaughtUp)))
  scene.proxy.cut()
  await say.send(scene.alice, scene.group, 'again')
  await Promise.all(inboxes.map(inbox => inbox.first(has('again'))))
  expect(scene.proxy.connections.length).toBe(1)
  for (const inbox of inboxes) inbox.stop()
  await expect.poll(() => scene.proxy.connections.length).toBe(0)
})

test('terminate ends the pause as well', async () => {
  const client = scene.client({ firstPauseMs: 3_600_000, random: () => 0.9 })
  const inbox = listen<Inbox>(client, INBOX)
  await inbox.first(isCaughtUp)
  const closed = new Promise<void>(resolve => client.on('closed', () => resolve()))
  scene.proxy.cut()
  await closed
  await say.send(scene.alice, scene.group, 'meanwhile')
  // The pause begins in the same turn, after those who listen have been told.
  await expect
    .poll(() => {
      client.terminate()
      return inbox.results.some(({ data }) => has('meanwhile')(data))
    })
    .toBe(true)
})

test('an observer that throws is told as an error that nobody caught, and the others go on', async () => {
  const client = scene.client()
  const uncaught: unknown[] = []
  const other = listen<Inbox>(client, INBOX)
  await other.first(isCaughtUp)
  const { queueMicrotask } = globalThis
  vi.stubGlobal('queueMicrotask', (task: () => void) =>
    queueMicrotask(() => {
      try {
        task()
      } catch (error) {
        uncaught.push(error)
      }
    }),
  )
  onTestFinished(() => void vi.unstubAllGlobals())
  const next = () => {
    throw new Error('a mistake of the application')
  }
  onTestFinished(client.subscribe({ query: INBOX }, { next, error: () => {}, complete: () => {} }))
  await expect.poll(() => uncaught).toEqual([new Error('a mistake of the application')])
  await say.send(scene.alice, scene.group, 'for both')
  await other.first(has('for both'))
  expect(scene.proxy.connections.length).toBe(1)
})

test('disposing completes what is open, and leaves no connection and no timer', async () => {
  const clock = createManualClock(Date.now())
  const client = scene.client({ clock })
  const inbox = listen<Inbox>(client, INBOX)
  await inbox.first(isCaughtUp)
  expect(clock.pending).toBeGreaterThan(0)
  await client.dispose()
  expect(await inbox.ended).toBeUndefined()
  await expect.poll(() => scene.proxy.connections.length).toBe(0)
  await expect.poll(() => clock.pending).toBe(0)
})

test('disposing ends a pause, too', async () => {
  const clock = createManualClock(Date.now())
  scene.proxy.down()
  const client = scene.client({ clock })
  const inbox = listen<Inbox>(client, INBOX)
  const failed = new Promise<void>(resolve => client.on('error', () => resolve()))
  await failed
  await expect.poll(() => clock.pending).toBe(1)
  await client.dispose()
  expect(await inbox.ended).toBeUndefined()
  await expect.poll(() => clock.pending).toBe(0)
})

test('leaving a loop over the results leaves the operation', async () => {
  const client = scene.client()
  for await (const { data } of client.iterate<Inbox>({ query: INBOX })) {
    if (data && isCaughtUp(data)) await say.send(scene.alice, scene.group, 'enough')
    if (data && has('enough')(data)) break
  }
  await expect.poll(() => scene.proxy.connections.length).toBe(0)
})

test('while the database is away, subscriptions and sends wait for it', async () => {
  const database = await postgresDatabase()
  const { hostname, port } = new URL(database.url)
  const between = await startTcpProxy({ host: hostname, port: Number(port || 5432) })
  const url = new URL(database.url)
  url.host = `127.0.0.1:${between.port}`
  const away = await startTestServer({ env: { DATABASE_URL: url.href } })
  onTestFinished(async () => {
    await away.close()
    await between.close()
    await database.close()
  })
  const there = await createScene(away)
  const client = there.client({ lazyCloseTimeout: 60_000 })
  const ready = listen<Inbox>(client, INBOX)
  await ready.first(isCaughtUp)
  const refusals: unknown[] = []
  client.on('message', message => message.type === 'error' && refusals.push(message.payload))
  between.down()
  const failures: unknown[] = []
  const sending = createSender(executeOver(client), { firstPauseMs: 10 }).send(
    { conversationId: there.group, content: 'in the end' },
    { onRetry: failure => failures.push(failure) },
  )
  const late = listen<Inbox>(client, INBOX)
  await expect.poll(() => refusals.length > 0 && failures.length > 0).toBe(true)
  expect(refusals[0]).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
  between.up()
  await late.first(isCaughtUp)
  expect((await sending).message?.seq).toBe(2)
  await ready.first(has('in the end'))
}, 90_000)
