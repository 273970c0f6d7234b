import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Listening, listen } from '../../support/listening.ts'
import * as say from '../../support/sayings.ts'
import { type Person, startTestServer, type TestServer } from '../../support/server.ts'
import { openSocket } from '../../transport/socket-fixture.ts'
import { present } from './log.ts'

/** Each means something to somebody: to patterns of channels, to paths, to JSON, to SQL, to objects' keys; and some differ in one thing alone. */
const NAMES = [
  '*',
  '?',
  '[a]',
  'a',
  'b',
  'a:b',
  'a,b',
  '{x}',
  'x',
  '../x',
  '"',
  '\\',
  '\\"',
  '["inbox","bob"]',
  'bob","x',
  'bob',
  'Bob',
  ' bob',
  'bob ',
  'inbox',
  'b\u00f3b',
  'bo\u0301b',
  '%',
  '_',
  "'; DROP TABLE message; --",
  '__proto__',
  'constructor',
  'null',
  '0',
  '\u202ebob',
  '\ufeffbob',
  'n'.repeat(255),
  `${'n'.repeat(254)}m`,
  '\u{1f600}'.repeat(255),
]

interface Place {
  readonly tenantId: string
  readonly userId: string
}

const HUB = 'the hub'
const STREAMS = {
  inbox: 'subscription { inbox { __typename ... on MessageSent { message { content } } } }',
  events: `subscription On($room: ID!) {
    conversationEvents(conversationId: $room) { __typename ... on MessageSent { message { content } } }
  }`,
  typing: 'subscription On($room: ID!) { typing(conversationId: $room) { conversationId user { id } isTyping } }',
  reads: 'subscription On($room: ID!) { readReceipts(conversationId: $room) { conversationId messageId } }',
  deliveries: 'subscription On($room: ID!) { deliveries(conversationId: $room) { conversationId messageId } }',
  presence: 'subscription On($room: ID!) { presence(conversationId: $room) { user { id } statusText } }',
  signals: 'subscription On($room: ID!) { signals(conversationId: $room) { conversationId type } }',
  allSignals: 'subscription { signals { conversationId type } }',
} as const

const SHOW = /* GraphQL */ `
  mutation Show($text: String!) {
    updatePresence(input: { status: ONLINE, statusText: $text }) { userErrors { code } }
  }
`

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

/** A place with a room of its own, and all that its user hears. */
async function inhabit({ tenantId, userId }: Place, index: number) {
  const hub = await server.person(HUB, { tenantId })
  const person = await server.person(userId, { tenantId })
  await Promise.all([say.look(hub), say.look(person)])
  const room = await say.createGroup(hub, [userId])
  const socket = person.socket()
  const streams = Object.entries(STREAMS).map(([name, query]) => {
    const variables = query.includes('$room') ? { room } : {}
    return [name, listen(socket, query, { variables })] as const
  })
  return { hub, person, room, index, userId, streams }
}

type Inhabited = Awaited<ReturnType<typeof inhabit>>

/** Everything that can be said in a place, until its user has heard of each kind. Returns the message's id. */
async function stir({ hub, person, room, index, streams }: Inhabited): Promise<string> {
  const heard = new Map<string, Listening>(streams)
  await present(heard.get('inbox')).first(data => JSON.stringify(data).includes('CaughtUp'))
  await present(heard.get('events')).first(data => JSON.stringify(data).includes('CaughtUp'))
  await present(heard.get('presence')).first(() => true)
  await person.ask(SHOW, { text: `text ${index}` })
  const message = await say.send(hub, room, `words ${index}`)
  await say.markRead(hub, message)
  await say.type(hub, room)
  const waiting = ['signals', 'allSignals'].map(name => present(heard.get(name)))
  while (waiting.some(({ results }) => results.length === 0)) await say.signal(hub, room, `signal-${index}`)
  await Promise.all(streams.map(([, stream]) => stream.first(() => true)))
  await present(heard.get('inbox')).first(data => JSON.stringify(data).includes('words'))
  await present(heard.get('events')).first(data => JSON.stringify(data).includes('words'))
  await present(heard.get('presence')).first(data => JSON.stringify(data).includes('text'))
  return message
}

/** What a stream has said that is not of this place. */
function strange(place: Inhabited, messages: readonly string[]): readonly unknown[] {
  const { room, index, userId, streams } = place
  return streams.flatMap(([name, { results }]) =>
    results.flatMap(({ data }) => {
      const said = Object.values(data)[0]
      const told = said as {
        readonly conversationId?: string
        readonly messageId?: string
        readonly type?: string
        readonly statusText?: string | null
        readonly user?: { readonly id: string }
        readonly message?: { readonly content: string }
      }
      const isOwn =
        (told.conversationId === undefined || told.conversationId === room) &&
        (told.messageId === undefined || messages.includes(told.messageId)) &&
        (told.type === undefined || told.type === `signal-${index}`) &&
        (told.user === undefined || told.user.id === userId || told.user.id === HUB) &&
        (told.statusText == null || told.statusText === `text ${index}`) &&
        (told.message === undefined || told.message.content === `words ${index}`)
      return isOwn ? [] : [{ name, said }]
    }),
  )
}

async function expectApart(places: readonly Place[]): Promise<void> {
  const inhabited: Inhabited[] = []
  for (const [index, place] of places.entries()) inhabited.push(await inhabit(place, index))
  const said = inhabited.map((): string[] => [])
  for (const place of inhabited) said[place.index]?.push(await stir(place))
  // What has leaked is ahead of what is said last.
  await Promise.all(inhabited.map(async place => said[place.index]?.push(await stir(place))))
  for (const place of inhabited) {
    expect(strange(place, present(said[place.index]))).toEqual([])
    const { data } = await place.person.ask('{ viewer { user { id } tenantId } }')
    expect(data).toEqual({ viewer: { user: { id: place.userId }, tenantId: present(places[place.index]).tenantId } })
  }
  for (const { streams } of inhabited) for (const [, stream] of streams) stream.stop()
}

describe('nothing that is said to one reaches another', () => {
  test('of users whose ids are patterns, paths, JSON or nearly the same', async () => {
    await expectApart(NAMES.map(userId => ({ tenantId: 'acme', userId })))
    const asker = await server.person('bob')
    const query = 'query Of($userIds: [ID!]!) { presence(userIds: $userIds) { user { id } statusText } }'
    const { data } = await asker.ask(query, { userIds: NAMES })
    expect(data?.['presence']).toEqual(NAMES.map((id, n) => ({ user: { id }, statusText: `text ${n}` })))
  })

  test('of tenants whose ids are such', async () => {
    await expectApart(NAMES.map(tenantId => ({ tenantId, userId: 'bob' })))
  })

  test('of tenants and users whose ids are the same when put together', async () => {
    await expectApart([
      { tenantId: 'p', userId: 'q:r' },
      { tenantId: 'p:q', userId: 'r' },
      { tenantId: 'p","q', userId: 'r' },
      { tenantId: 'p', userId: 'q","r' },
      { tenantId: 'pq', userId: 'r' },
      { tenantId: 'p', userId: 'qr' },
      { tenantId: '["p"', userId: '"q"]' },
      { tenantId: '["p","q"]', userId: ' ' + 'r' },
    ])
  })
})

const REFUSED = [
  '',
  ' ',
  'a\0',
  'a\nb',
  'a\r\nPUBLISH x y',
  '\u001b[2J',
  '\u007f',
  '\u0085',
  'a\u2028b',
  '\ud800',
  '\udc00a',
]

test.each(['sub', 'tenant'] as const)('a token whose %s no channel should carry is refused', async claim => {
  for (const id of [...REFUSED, 'n'.repeat(256)]) {
    const place = claim === 'sub' ? ([id, {}] as const) : (['bob', { tenantId: id }] as const)
    const person = await server.person(place[0], { ...place[1], name: 'Bob' })
    await expectRefused(person, JSON.stringify(id))
  }
})

async function expectRefused(person: Person, what: string): Promise<void> {
  const { errors, data } = await person.ask('{ viewer { tenantId } }')
  expect(
    errors?.map(error => error.extensions['code']),
    what,
  ).toEqual(['UNAUTHENTICATED'])
  expect(data, what).toBeUndefined()
  const fixture = await openSocket(server.url.href.replace('http', 'ws'))
  fixture.say({ type: 'connection_init', payload: { authorization: `Bearer ${person.token}` } })
  expect(await fixture.closed, what).toBe(4401)
}
