import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Listening, listen, listenToEvents } from '../../support/listening.ts'
import * as say from '../../support/sayings.ts'
import { type Person, startTestServer, type TestServer } from '../../support/server.ts'
import { present } from './log.ts'

/** Of the newest events; the older are pruned within moments. */
const KEPT = 60

interface Told {
  readonly __typename: string
  readonly position: string
  readonly seq?: number
  readonly message?: { readonly content: string }
}
interface Stream {
  readonly told: Told
}
interface Sent {
  readonly sendMessage: { readonly position: string }
}

const TOLD = '__typename position ... on ConversationEvent { seq } ... on MessageSent { message { content } }'
const LOG = `query Log($after: Position!) { events(after: $after) { nodes { ${TOLD} } } }`
const SEND = 'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { position userErrors { code } } }'

let server: TestServer
let alice: Person
let room: string
/** Where each event of the room was said to be: the room's beginning, and what was sent to it. */
let positions: string[]
/** The beginning of the log. */
let start: string
/** Of another conversation, and of another tenant at the same place. */
let elsewhere: string
let foreign: string

beforeAll(async () => {
  const retention = { LOG_RETENTION_EVENTS: String(KEPT), LOG_RETENTION_INTERVAL_MS: '50' }
  server = await startTestServer({ env: retention })
  alice = await server.person('alice')
  start = (await say.look(alice)).viewer.position
  room = await say.createGroup(alice, [])
  positions = await sendTo(alice, room, 100)
  elsewhere = present((await sendTo(alice, await say.createGroup(alice, []), 1))[0])
  positions.push(...(await sendTo(alice, room, 3)))
  const mallory = await server.person('mallory', { tenantId: 'other' })
  await say.look(mallory)
  const others = await sendTo(mallory, await say.createGroup(mallory, []), 105)
  foreign = present(others.find(position => placeOf(position) === placeOf(elsewhere)))
  await vi.waitFor(
    async () => expect(await readLog(present(positions[0]))).toMatchObject([{ __typename: 'ResyncRequired' }]),
    {
      timeout: 10_000,
    },
  )
})
afterAll(() => server.close())

async function sendTo(person: Person, conversationId: string, count: number): Promise<string[]> {
  const sent: string[] = []
  for (let nth = 0; nth < count; nth++) {
    const input = { conversationId, content: `${nth}`, clientMessageId: randomUUID() }
    const { data } = await person.ask(SEND, { input })
    sent.push((data as unknown as Sent).sendMessage.position)
  }
  return sent
}

async function readLog(after: string): Promise<readonly Told[]> {
  const { data, errors } = await alice.ask(LOG, { after })
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return (data as unknown as { readonly events: { readonly nodes: readonly Told[] } }).events.nodes
}

/** What a position is made of, which is nobody's business but a forger's: a version, the place and the mark. */
function bytesOf(position: string): Buffer {
  return Buffer.from(position, 'base64url')
}

function placeOf(position: string): number {
  return Number(bytesOf(position).readBigUInt64BE(1))
}

function forged(change: (bytes: Buffer) => unknown): string {
  const bytes = bytesOf(present(positions.at(-1)))
  change(bytes)
  return bytes.toString('base64url')
}

type Open = (field: string, cursor: string) => Listening<Stream>

const asked = (field: string) => `subscription Stream($room: ID!) { told: ${field} { ${TOLD} } }`
const askedAfter = (field: string) =>
  `subscription Stream($room: ID!, $after: Position) { told: ${field.replace(')', ', after: $after)')} { ${TOLD} } }`
const inbox = `subscription { told: inbox { ${TOLD} } }`
const inboxAfter = `subscription Inbox($after: Position) { told: inbox(after: $after) { ${TOLD} } }`
const isInbox = (field: string) => field === 'inbox'

const WAYS: readonly (readonly [string, Open])[] = [
  [
    'WebSocket, after',
    (field, after) =>
      listen(alice.socket(), isInbox(field) ? inboxAfter : askedAfter(field), {
        variables: isInbox(field) ? { after } : { room, after },
      }),
  ],
  [
    'WebSocket, extensions.resumeAfter',
    (field, resumeAfter) =>
      listen(alice.socket(), isInbox(field) ? inbox : asked(field), {
        variables: isInbox(field) ? {} : { room },
        extensions: { resumeAfter },
      }),
  ],
  [
    'SSE, Last-Event-ID',
    (field, lastEventId) =>
      listenToEvents(server, alice, isInbox(field) ? inbox : asked(field), {
        variables: isInbox(field) ? {} : { room },
        lastEventId,
      }),
  ],
]

const UNKNOWN: readonly (readonly [string, () => string])[] = [
  ['below the floor', () => present(positions[0])],
  ['at the beginning of a log that was pruned', () => start],
  ['above the head', () => forged(bytes => bytes.writeBigUInt64BE(1_000_000n, 1))],
  ['as far as numbers go', () => forged(bytes => bytes.writeBigUInt64BE(BigInt(Number.MAX_SAFE_INTEGER), 1))],
  ['of another mark', () => forged(bytes => bytes.writeUInt8(bytes.readUInt8(16) ^ 1, 16))],
  ['of another tenant, at a place that is here too', () => foreign],
]

const NONE: readonly (readonly [string, () => string])[] = [
  ['-1', () => forged(bytes => bytes.writeBigInt64BE(-1n, 1))],
  ['2^63', () => forged(bytes => bytes.writeBigUInt64BE(2n ** 63n, 1))],
  ['of another version', () => forged(bytes => bytes.writeUInt8(9, 0))],
  ['a byte too short', () => bytesOf(present(positions[0])).subarray(0, 16).toString('base64url')],
  ['the number alone', () => '5'],
  ['rubbish', () => 'rubbish'],
]

describe.each(WAYS)('%s', (_, open) => {
  describe.each(['inbox', 'conversationEvents(conversationId: $room)'])('of %s', field => {
    test.each(UNKNOWN)(
      '%s: the state is to be fetched anew, and the stream goes on from the head',
      async (_name, cursor) => {
        const stream = open(field, cursor())
        const { told } = await stream.first(() => true)
        expect(told).toMatchObject({ __typename: 'ResyncRequired', position: positions.at(-1) })
        await stream.first(({ told: { __typename } }) => __typename === 'CaughtUp')
        positions.push(...(await sendTo(alice, room, 1)))
        await stream.first(({ told: { __typename } }) => __typename === 'MessageSent')
        expect(stream.results.map(({ data }) => data.told.__typename)).toEqual([
          'ResyncRequired',
          'CaughtUp',
          'MessageSent',
        ])
        stream.stop()
      },
    )

    test.each(NONE)('%s: no position at all', async (_name, cursor) => {
      const stream = open(field, cursor())
      const why = await stream.ended
      expect(why instanceof Error ? why.message : JSON.stringify(why)).toContain('BAD_USER_INPUT')
      expect(stream.results).toEqual([])
    })

    test('of another conversation: exactly what follows', async () => {
      const stream = open(field, elsewhere)
      await stream.first(({ told: { __typename } }) => __typename === 'CaughtUp')
      const after = positions.filter(position => placeOf(position) > placeOf(elsewhere))
      expect(stream.results.map(({ data }) => data.told.position)).toEqual([...after, after.at(-1)])
      stream.stop()
    })
  })
})

describe('events', () => {
  test.each(UNKNOWN)('%s: the state is to be fetched anew', async (_name, cursor) => {
    const [first, ...rest] = await readLog(cursor())
    expect(first).toMatchObject({ __typename: 'ResyncRequired', position: positions.at(-1) })
    expect(rest).toEqual([])
  })

  test.each(NONE)('%s: no position at all', async (_name, cursor) => {
    expect((await alice.ask(LOG, { after: cursor() })).errors?.map(({ extensions }) => extensions['code'])).toEqual([
      'BAD_USER_INPUT',
    ])
  })
})
