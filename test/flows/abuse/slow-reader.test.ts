import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { listen } from '../../support/listening.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import * as say from '../../support/sayings.ts'
import { type Answer, type Person, startTestServer, type TestServer } from '../../support/server.ts'
import { type Frame, openKnownSocket, subscribeFrame } from '../../transport/socket-fixture.ts'
import { present, readLog, type Said, saidIn, type Told } from './log.ts'

const MESSAGES = 1_000
/** So many operations of one socket that what is written to it is beyond what the system holds for a connection. */
const OPERATIONS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const FOUR_KB = 'x'.repeat(4_000)

const EVENTS = /* GraphQL */ `
  subscription Events($room: ID!, $after: Position) {
    told: conversationEvents(conversationId: $room, after: $after) {
      __typename
      ... on ConversationEvent { seq }
      ... on MessageSent { message { content } }
    }
  }
`

interface Stream {
  readonly told: Told
}

const clock = createManualClock(Date.now())
// A clock that jumps leaves clients no time to answer a ping.
const PINGS_ASIDE = { PING_INTERVAL_MS: '3600000', HEARTBEAT_MS: '3600000' }
let server: TestServer
let alice: Person
let bob: Person
let cyd: Person
let room: string
let start: string
beforeEach(async () => {
  server = await startTestServer({ clock, env: PINGS_ASIDE })
  ;[alice, bob, cyd] = await Promise.all([server.person('alice'), server.person('bob'), server.person('cyd')])
  for (const person of [bob, cyd]) await say.look(person)
  start = (await say.look(alice)).viewer.position
  room = await say.createGroup(alice, ['bob', 'cyd'])
})
afterEach(() => server.close())

/** A socket whose every operation has caught up, and which then reads nothing more. */
async function openAndStop() {
  const fixture = await openKnownSocket(server.url.href.replace('http', 'ws'), `Bearer ${bob.token}`)
  for (const id of OPERATIONS) fixture.say(subscribeFrame(id, EVENTS, { variables: { room } }))
  await vi.waitFor(() => {
    for (const id of OPERATIONS) expect(JSON.stringify(nextsOf(fixture.frames, id))).toContain('CaughtUp')
  })
  fixture.socket.pause()
  return fixture
}

/** Resolves once a member who reads has heard the last of the messages. */
async function flow(): Promise<void> {
  const stream = listen<Stream>(cyd.socket(), EVENTS, { variables: { room } })
  await stream.first(({ told }) => told.__typename === 'CaughtUp')
  await Promise.all(Array.from({ length: MESSAGES }, (_, n) => say.send(alice, room, `${n} ${FOUR_KB}`)))
  await say.send(alice, room, 'the end')
  await stream.first(({ told }) => told.message?.content === 'the end')
  expect(stream.results.flatMap(({ data }) => saidIn(data.told))).toEqual(await log())
  stream.stop()
}

const log = () => readLog(cyd, start)

function nextsOf(frames: readonly Frame[], id: string) {
  return frames
    .filter(frame => frame.id === id && frame.type === 'next')
    .map(({ payload }) => payload as Answer & { readonly data: Stream })
}

function heardBy(frames: readonly Frame[], id: string): readonly Said[] {
  return nextsOf(frames, id).flatMap(({ data }) => saidIn(data.told))
}

test('who stops reading holds up nobody, and hears all once it reads again', async () => {
  const fixture = await openAndStop()
  await flow()
  expect(heardBy(fixture.frames, 'a')).toEqual([])
  fixture.socket.resume()
  const all = await log()
  for (const id of OPERATIONS) {
    await vi.waitFor(() => expect(heardBy(fixture.frames, id).length).toBe(all.length), { timeout: 20_000 })
    expect(heardBy(fixture.frames, id)).toEqual(all)
  }
}, 60_000)

test('who reads nothing for 30 seconds is closed with 1013, and resumes where it was', async () => {
  const fixture = await openAndStop()
  await flow()
  clock.advance(30_001)
  fixture.socket.resume()
  expect(await fixture.closed).toBe(1013)
  const all = await log()
  for (const id of OPERATIONS) {
    const heard = heardBy(fixture.frames, id)
    expect(heard.length).toBeLessThan(all.length)
    const after = present(nextsOf(fixture.frames, id).at(-1)?.extensions?.['position'])
    const rest = listen<Stream>(bob.socket(), EVENTS, { variables: { room, after } })
    await rest.first(({ told }) => told.__typename === 'CaughtUp')
    expect([...heard, ...rest.results.flatMap(({ data }) => saidIn(data.told))]).toEqual(all)
    rest.stop()
  }
}, 60_000)
