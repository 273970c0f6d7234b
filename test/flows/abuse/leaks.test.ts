import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Clock, systemClock } from '../../../src/domain/clock.ts'
import { listenToEvents } from '../../support/listening.ts'
import * as say from '../../support/sayings.ts'
import { type Person, startTestServer, type TestServer } from '../../support/server.ts'
import { subscribeFrame } from '../../transport/socket-fixture.ts'
import { present } from './log.ts'

/** The system's clock, and how many of its timers are still to come. */
function createCountingClock(): Clock & { pending(): number } {
  const timers = new Set<object>()
  return {
    now: systemClock.now,
    after(delayMs, callback) {
      const timer = {}
      timers.add(timer)
      const cancel = systemClock.after(delayMs, () => {
        timers.delete(timer)
        callback()
      })
      return () => {
        timers.delete(timer)
        cancel()
      }
    },
    pending: () => timers.size,
  }
}

const clock = createCountingClock()
let server: TestServer
let alice: Person
let bob: Person
let room: string
beforeAll(async () => {
  server = await startTestServer({ clock, env: { PRESENCE_GRACE_MS: '0', MAX_SOCKETS_PER_USER: '1000' } })
  ;[alice, bob] = await Promise.all([server.person('alice'), server.person('bob')])
  await Promise.all([say.look(alice), say.look(bob)])
  room = await say.createGroup(alice, ['bob'])
})
afterAll(() => server.close())

const SUBSCRIPTIONS = [
  'inbox { __typename ... on MessageSent { message { content } } }',
  'conversationEvents(conversationId: $room) { position }',
  'typing(conversationId: $room) { isTyping }',
  'readReceipts(conversationId: $room) { seq }',
  'deliveries(conversationId: $room) { seq }',
  'presence(conversationId: $room) { status }',
  'presence(userIds: ["alice", "bob"]) { status }',
  'presence { status }',
  'signals(conversationId: $room) { type }',
  'signals { type }',
].map(field => (field.includes('$room') ? `subscription On($room: ID!) { ${field} }` : `subscription { ${field} }`))

/** How far a client comes before it goes: `STAGES` of them. */
const STAGES = 6

/** Subscribes to everything over one socket and is gone without a word, at one of many moments. */
function dropSocket(person: Person, stage: number): Promise<void> {
  const socket = new WebSocket(server.url.href.replace('http', 'ws'), 'graphql-transport-ws')
  socket.on('error', () => {})
  let heard = 0
  return new Promise(resolve => {
    socket.once('close', () => resolve())
    socket.once('open', () => {
      if (stage === 0) return socket.terminate()
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${person.token}` } }))
      if (stage === 1) return socket.terminate()
    })
    socket.on('message', () => {
      heard += 1
      if (heard === 1) {
        for (const [id, query] of SUBSCRIPTIONS.entries()) {
          socket.send(JSON.stringify(subscribeFrame(`${id}`, query, { variables: { room } })))
        }
        if (stage === 2) setImmediate(() => socket.terminate())
        if (stage === 3)
          for (const id of SUBSCRIPTIONS.keys()) socket.send(JSON.stringify({ type: 'complete', id: `${id}` }))
        if (stage === 3) socket.close()
      }
      if (heard > stage) socket.terminate()
    })
  })
}

async function dropEvents(person: Person, stage: number): Promise<void> {
  const streams = SUBSCRIPTIONS.map(query => listenToEvents(server, person, query, { variables: { room } }))
  if (stage > 2) await present(streams[0]).first(() => true)
  for (const stream of streams) stream.stop()
  await Promise.all(streams.map(stream => stream.ended))
}

async function round(): Promise<void> {
  for (let stage = 0; stage < STAGES; stage++) {
    const dropping = [alice, bob].flatMap(person => [
      ...Array.from({ length: 5 }, () => dropSocket(person, stage)),
      dropEvents(person, stage),
    ])
    await Promise.all([...dropping, say.send(alice, room, 'meanwhile'), say.type(bob, room)])
  }
  await say.send(bob, room, 'bob no longer types')
  await vi.waitFor(
    async () => {
      const page = await (await fetch(new URL('/metrics', server.url))).text()
      expect(page).toMatch(/^colloquy_websockets 0$/m)
    },
    { timeout: 10_000 },
  )
}

setFlagsFromString('--expose_gc')
const collect: () => void = runInNewContext('gc')

function heapUsed(): number {
  collect()
  return process.memoryUsage().heapUsed
}

test('clients that go without a word at whatever moment leave no timer and no memory behind', async () => {
  for (let n = 0; n < 4; n++) await round()
  const before = { timers: clock.pending(), heap: heapUsed() }
  for (let n = 0; n < 12; n++) await round()
  await vi.waitFor(() => expect(clock.pending()).toBeLessThanOrEqual(before.timers + 1), { timeout: 10_000 })
  const grown = heapUsed() - before.heap
  process.stdout.write(`timers ${before.timers} -> ${clock.pending()}, heap grown ${Math.round(grown / 1024)} KB\n`)
  expect(grown).toBeLessThan(3_000_000)
}, 120_000)
