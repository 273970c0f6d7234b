import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import { createSchema } from '../../src/graphql/schema.ts'
import { unlimited } from '../../src/limits/unlimited.ts'
import { idArguments } from '../support/id-arguments.ts'
import { listen } from '../support/listening.ts'
import { type Person, startTestServer, type TestServer } from '../support/server.ts'

const SETUP = /* GraphQL */ `
  mutation Setup {
    createConversation(input: { kind: GROUP, title: "Secret plans", memberIds: ["victor"] }) { conversation { id } }
  }
`

const SAY = /* GraphQL */ `
  mutation Say($conversationId: ID!) {
    sendMessage(input: { conversationId: $conversationId, content: "secret words", clientMessageId: "1" }) {
      message { id }
      position
    }
  }
`

const schema = createSchema(unlimited)

let server: TestServer
let theirs: { readonly conversationId: string; readonly messageId: string; readonly position: string }
let owner: Person
let stranger: Person
/** What the stranger may well use: it fills the arguments that are not under test. */
const own = { conversation: '', message: '', user: 'mallory' }

beforeAll(async () => {
  server = await startTestServer()
  owner = await server.person('victor', { tenantId: 'theirs' })
  stranger = await server.person('mallory', { tenantId: 'own' })
  await Promise.all([owner.ask('{ viewer { tenantId } }'), stranger.ask('{ viewer { tenantId } }')])
  const made = await owner.ask(SETUP)
  const conversationId = at(made.data, 'createConversation', 'conversation', 'id')
  const said = await owner.ask(SAY, { conversationId })
  const messageId = at(said.data, 'sendMessage', 'message', 'id')
  theirs = { conversationId, messageId, position: at(said.data, 'sendMessage', 'position') }
  own.conversation = at(
    (await stranger.ask(SETUP.replace('"victor"', ''))).data,
    'createConversation',
    'conversation',
    'id',
  )
  own.message = at((await stranger.ask(SAY, { conversationId: own.conversation })).data, 'sendMessage', 'message', 'id')
})
afterAll(() => server.close())

function at(value: unknown, ...path: readonly string[]): string {
  let found = value
  for (const key of path) found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined
  if (typeof found !== 'string') throw new Error(`nothing at ${path.join('.')} of ${JSON.stringify(value)}`)
  return found
}

/** The whole answer, as text, with what was asked for put aside: an answer may repeat it. */
async function answer(
  person: Person,
  kind: string,
  operation: { query: string; variables: Record<string, unknown> },
  id: string,
) {
  if (kind !== 'Subscription') return mask(await person.ask(operation.query, operation.variables), id)
  const listening = listen(person.socket(), operation.query, { variables: operation.variables })
  const first = await Promise.race([listening.ended, listening.first(() => true)])
  listening.stop()
  return mask(first, id)
}

function mask(value: unknown, id: string): string {
  return JSON.stringify(value).replaceAll(id, '<id>')
}

describe('an id of another tenant answers as an id that never existed', () => {
  const places = idArguments(schema, own)

  test('every root field that takes an id is tried', () => {
    const tried = new Set(places.map(place => place.name.replace(/\(.*/, '')))
    expect(tried.size).toBeGreaterThan(20)
    expect(places.length).toBeGreaterThan(30)
  })

  test.each(places.map(place => [place.name, place] as const))('%s', async (_, place) => {
    // Who joins, is presented or asked for by an id of the wrong kind is asked the same.
    const alien = [theirs.conversationId, theirs.messageId, 'victor']
    const unknown = [newId(), newId(), 'nobody-at-all']
    for (const [n, id] of alien.entries()) {
      const never = unknown[n] ?? ''
      const got = await answer(stranger, place.kind, place.operation(id), id)
      const expected = await answer(stranger, place.kind, place.operation(never), never)
      expect(got).toBe(expected)
      expect(got).not.toMatch(/secret words|victor|INTERNAL_SERVER_ERROR|GRAPHQL_VALIDATION_FAILED|BAD_USER_INPUT/i)
    }
    const illFormed = await answer(stranger, place.kind, place.operation('%00'), '%00')
    expect(illFormed).toBe(await answer(stranger, place.kind, place.operation('no-id'), 'no-id'))
  })
})

test('a cursor of another tenant is answered as a stale one, without an event', async () => {
  const query = 'query Catch($after: Position!) { events(after: $after) { nodes { __typename } } }'
  expect(await stranger.ask(query, { after: theirs.position })).toEqual({
    data: { events: { nodes: [{ __typename: 'ResyncRequired' }] } },
  })
})

test('two tenants with the same user ids never hear each other', async () => {
  const [here, there] = [
    await server.person('sam', { tenantId: 'own' }),
    await server.person('sam', { tenantId: 'theirs' }),
  ]
  await Promise.all([here.ask('{ viewer { tenantId } }'), there.ask('{ viewer { tenantId } }')])
  const inbox = 'subscription { inbox { __typename ... on MessageSent { message { content } } } }'
  const presence = 'subscription { presence(userIds: ["sam", "victor"]) { user { id } status } }'
  const own = listen<{ inbox: { __typename: string } }>(here.socket(), inbox)
  const other = listen<{ inbox: { __typename: string; message?: { content: string } } }>(there.socket(), inbox)
  const watched = listen<{ presence: { user: { id: string }; status: string } }>(here.socket(), presence)
  await own.first(data => data.inbox.__typename === 'CaughtUp')
  await other.first(data => data.inbox.__typename === 'CaughtUp')
  const note =
    'mutation { sendDirectMessage(input: { userIds: ["sam"], content: "for theirs", clientMessageId: "n" }) { message { id } } }'
  await owner.ask(note)
  await other.first(data => data.inbox.message?.content === 'for theirs')
  // Whatever had leaked would have come before what is sent afterwards.
  await stranger.ask(note.replace('for theirs', 'for own'))
  await own.first(data => data.inbox.__typename === 'MessageSent')
  expect(JSON.stringify(own.results)).not.toContain('theirs')
  expect(JSON.stringify(other.results)).not.toContain('for own')
  expect(
    watched.results.filter(({ data }) => data.presence.user.id === 'victor' && data.presence.status !== 'OFFLINE'),
  ).toEqual([])
})
