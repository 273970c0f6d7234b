import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSchema } from '../../../src/graphql/schema.ts'
import { unlimited } from '../../../src/limits/unlimited.ts'
import { createLogger } from '../../../src/observe/pino.ts'
import { administer } from '../../support/database.ts'
import { listen } from '../../support/listening.ts'
import * as say from '../../support/sayings.ts'
import { type Answer, type Person, startTestServer, type TestServer } from '../../support/server.ts'
import { misspellings, schemaNames } from './misspellings.ts'
import { type Asked, askBy, codesOf, get, openLine, post, WAYS } from './ways.ts'

const schema = createSchema(unlimited)
/** A plain POST cannot carry a subscription. */
const STREAMING = WAYS.filter(way => way !== 'POST')

let server: TestServer
let alice: Person
let group: string
/** What the server writes to its log: as in production, but more of it. */
let log = ''

beforeAll(async () => {
  const destination = {
    write(event: string) {
      log += event
    },
  }
  const logger = createLogger({ level: 'debug', pretty: false, destination })
  server = await startTestServer({ database: 'postgres', logger, env: { NODE_ENV: 'production' } })
  alice = await server.person('alice')
  group = await say.createGroup(alice, [])
  await say.send(alice, group, 'words of a conversation')
})
afterAll(() => server.close())

describe('the schema is kept to itself', () => {
  /** All that a refusal in production says, whatever was wrong: not a word of the schema is among it. */
  const SAID = ['The document is not valid.', 'The document does not parse.', 'A variable does not fit its type.']

  const INTROSPECTION = [
    '{ __schema { types { name } } }',
    '{ __type(name: "Message") { name fields { name } } }',
    '{ ...F } fragment F on Query { hidden: __schema { queryType { name } } }',
    '{ viewer { tenantId } ... { __type(name: "User") { kind } } }',
    'mutation { __schema { mutationType { name } } }',
    'subscription { __schema { subscriptionType { name } } }',
  ]
  test.each(INTROSPECTION)('%s', async query => {
    const line = await openLine(server, alice)
    for (const way of WAYS) {
      const answer = await askBy(way, server, alice, line)({ query })
      expect(new Set(codesOf(answer))).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']))
      expect(new Set(answer.errors?.map(({ message }) => message))).toEqual(new Set([SAID[0]]))
      expect(answer).not.toHaveProperty('data')
    }
    expect(await line.ask({ query: '{ viewer { tenantId } }' })).toEqual({ data: { viewer: { tenantId: 'acme' } } })
  })

  const places = misspellings(schema)

  test('there is something of every kind to misspell', () => {
    expect(schemaNames(schema).size).toBeGreaterThan(200)
    expect(places.length).toBeGreaterThan(400)
  })

  test.each(['POST', 'WebSocket'] as const)(
    'no misspelling of any name is answered with a name, over %s',
    async way => {
      const ask = askBy(way, server, alice, await openLine(server, alice))
      for (const { name, ...asked } of places) {
        const answer = await ask(asked)
        expect(answer.errors?.length, name).toBeGreaterThan(0)
        expect(answer, name).not.toHaveProperty('data')
        for (const { message, path, extensions } of answer.errors ?? []) {
          expect(SAID, name).toContain(message)
          expect(path, name).toBeUndefined()
          expect(Object.keys(extensions), name).toEqual(['code'])
        }
      }
    },
  )

  test('a value of the wrong type says nothing of the type, wherever it stands', async () => {
    const line = await openLine(server, alice)
    const wrong: readonly Asked[] = [
      { query: 'query Q($id: ID!) { conversation(id: $id) { id } }', variables: { id: {} } },
      { query: 'query Q($id: ID!) { conversation(id: $id) { id } }', variables: {} },
      { query: 'query Q($first: Int) { conversations(first: $first) { nodes { id } } }', variables: { first: 'x' } },
      {
        query: 'query Q($after: Position!) { events(after: $after) { nodes { position } } }',
        variables: { after: 'x' },
      },
      { query: 'subscription S($id: ID!) { typing(conversationId: $id) { isTyping } }', variables: { id: [] } },
      { query: '{ conversation(id: {}) { id } }' },
      { query: '{ conversation { id } }' },
      { query: '{ viewer }' },
      { query: '{ viewer { tenantId { x } } }' },
      { query: '{ conversation(id: "x") }' },
      { query: 'mutation { sendMessage(input: { content: 1 }) { position } }' },
      { query: 'query Q($id: Int) { conversation(id: $id) { id } }', variables: { id: 1 } },
      { query: '{ viewer { tenantId' },
      { query: '{ viewer { "tenantId" } }' },
    ]
    for (const asked of wrong) {
      for (const way of asked.query.startsWith('subscription') ? STREAMING : WAYS) {
        const { errors = [] } = await askBy(way, server, alice, line)(asked)
        expect(errors.length).toBeGreaterThan(0)
        for (const { message } of errors) expect(SAID, asked.query).toContain(message)
      }
    }
  })

  test('a browser is shown no GraphiQL', async () => {
    const response = await fetch(server.url, { headers: { accept: 'text/html' } })
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect(await response.text()).not.toContain('<')
  })
})

describe('a fault inside', () => {
  const HISTORY = 'query History($id: ID!) { conversation(id: $id) { messages(first: 1) { nodes { content } } } }'
  const SEND =
    'mutation Send($id: ID!) { sendMessage(input: { conversationId: $id, content: "x", clientMessageId: "x" }) { position } }'

  /** Renames a table away from under the server while `task` runs. */
  async function without(table: string, task: () => Promise<void>): Promise<void> {
    const url = server.config.databaseUrl ?? ''
    await administer(`ALTER TABLE "${table}" RENAME TO gone`, url)
    try {
      await task()
    } finally {
      await administer(`ALTER TABLE gone RENAME TO "${table}"`, url)
    }
  }

  /** The whole error is compared: there is no room in it for the inside. */
  function expectMasked({ errors }: Answer, path?: readonly string[]): void {
    const locations = path === undefined ? {} : { locations: expect.any(Array) }
    const extensions = { code: 'INTERNAL_SERVER_ERROR' }
    expect(errors).toEqual([{ message: 'Internal server error', extensions, ...locations, ...(path && { path }) }])
  }

  test('of a query is INTERNAL_SERVER_ERROR and no more, over every transport', async () => {
    const line = await openLine(server, alice)
    await without('message', async () => {
      for (const way of WAYS) {
        expectMasked(await askBy(way, server, alice, line)({ query: HISTORY, variables: { id: group } }), [
          'conversation',
          'messages',
        ])
      }
    })
    expect(await line.ask({ query: HISTORY, variables: { id: group } })).toMatchObject({
      data: { conversation: { messages: { nodes: [{ content: 'words of a conversation' }] } } },
    })
  })

  test('of a mutation is null with that error, and the socket goes on', async () => {
    const line = await openLine(server, alice)
    await without('message', async () => {
      for (const way of ['POST', 'SSE', 'WebSocket'] as const) {
        const answer = await askBy(way, server, alice, line)({ query: SEND, variables: { id: group } })
        expectMasked(answer, ['sendMessage'])
        expect(answer.data).toEqual({ sendMessage: null })
      }
    })
    await say.send(alice, group, 'after the fault')
    await line.hears('after the fault')
  })

  test('of a subscription is that error for its id, and the socket goes on', async () => {
    const line = await openLine(server, alice)
    const query = `subscription { conversationEvents(conversationId: "${group}") { position } }`
    await without('member', async () => {
      for (const way of STREAMING) expectMasked(await askBy(way, server, alice, line)({ query }))
    })
    await say.send(alice, group, 'after its fault')
    await line.hears('after its fault')
  })

  test('of the sign-in says nothing either', async () => {
    await without('user', async () => {
      const newcomer = await server.person('newcomer')
      const response = await post(server, newcomer, JSON.stringify({ query: '{ __typename }' }))
      expect(response.status).toBe(500)
      const text = await response.text()
      expect(JSON.parse(text)).toEqual({
        errors: [{ message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
      })
      const closed = await listen(newcomer.socket(), '{ __typename }').ended
      expect(closed).toMatchObject({ code: 4500, reason: 'Internal server error' })
    })
  })
})

describe('the log', () => {
  const linesOf = () => log.trimEnd().split('\n')

  test('says whole what clients are not told, a JSON line an event', async () => {
    expect(linesOf().map(line => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ level: 'error', msg: 'a request met an unexpected error', path: ['sendMessage'] }),
    )
    expect(log).toContain('42P01')
  })

  test('holds no token, wherever a client puts one', async () => {
    const line = await openLine(server, alice)
    const query = `{ viewer { tenantId } } # ${alice.token}`
    await get(server, alice, { query, variables: { token: alice.token } })
    await fetch(`${server.url}?token=${alice.token}`)
    await fetch(`${server.url}?query={__typename}`, {
      headers: { authorization: alice.token, cookie: `t=${alice.token}` },
    })
    await line.ask({
      query: 'mutation R($token: String!) { refreshSession(input: { token: $token }) { userErrors { code } } }',
      variables: { token: `${alice.token}x` },
    })
    await post(server, { ...alice, token: `${alice.token}x` }, JSON.stringify({ query }))
    line.say({ type: 'connection_init', payload: { authorization: alice.token } })
    expect(await line.closed).toBe(4429)
    const [header = '', claims = '', signature = ''] = alice.token.split('.')
    for (const part of [claims, signature]) expect(log).not.toContain(part)
    expect(log).not.toContain(`${header}.`)
    expect(log.toLowerCase()).not.toMatch(/bearer ey/)
    for (const each of linesOf()) expect(JSON.parse(each)).toHaveProperty('msg')
  })

  test('holds nothing of what people wrote', () => {
    expect(log).not.toContain('words of a conversation')
  })
})
