import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Answer } from '../../support/server.ts'
import { type Attempt, openScene, type Scene } from './scene.ts'
import { type Asked, askBy, canSay, codesOf, get, post, read, WAYS } from './ways.ts'

let scene: Scene
let attempt: Attempt
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene.close())
beforeEach(async () => {
  attempt = await scene.begin()
})

const repeat = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ')
const nested = (depth: number, open: string, close: string, core = '') =>
  open.repeat(depth) + core + close.repeat(depth)
const json = (text: string): unknown => JSON.parse(text)

const SEND = /* GraphQL */ `
  mutation Send($metadata: JSON) {
    sendMessage(input: { conversationId: "nowhere", content: "x", clientMessageId: "x", metadata: $metadata }) {
      userErrors { code }
    }
  }
`
const DEEP = nested(30, 'lastMessage { conversation { ', ' } }', 'id')
const NODES = 'query Page($first: Int, $after: String) { conversations(first: $first, after: $after) { nodes { id } } }'

/** What, asked how, is refused with which code before anything is executed. */
const REFUSED: readonly (readonly [string, Asked, string])[] = [
  ['101 times one field', { query: `{ ${repeat(101, () => 'viewer { tenantId }')} }` }, 'OPERATION_TOO_COMPLEX'],
  ['101 aliases', { query: `{ ${repeat(101, n => `a${n}: viewer { tenantId }`)} }` }, 'OPERATION_TOO_COMPLEX'],
  ['101 times __typename', { query: `{ ${repeat(101, () => '__typename')} }` }, 'OPERATION_TOO_COMPLEX'],
  ['101 aliases of __typename', { query: `{ ${repeat(101, n => `a${n}: __typename`)} }` }, 'OPERATION_TOO_COMPLEX'],
  [
    '101 aliases further down',
    { query: `{ viewer { user { ${repeat(101, n => `a${n}: id`)} } } }` },
    'OPERATION_TOO_COMPLEX',
  ],
  [
    '101 aliases by way of fragments',
    {
      query: `{ ${repeat(101, n => `...F${n}`)} } ${repeat(101, n => `fragment F${n} on Query { a${n}: __typename }`)}`,
    },
    'OPERATION_TOO_COMPLEX',
  ],
  ['depth 30', { query: `{ conversation(id: "x") { ${DEEP} } }` }, 'OPERATION_TOO_COMPLEX'],
  [
    'depth 30 by way of inline fragments',
    { query: `{ conversation(id: "x") { ${nested(30, '... { lastMessage { conversation { ', ' } } }', 'id')} } }` },
    'OPERATION_TOO_COMPLEX',
  ],
  ['600 levels of a selection', { query: nested(600, '{ a ', '}') }, 'OPERATION_TOO_COMPLEX'],
  ['a fragment that spreads itself', { query: '{ ...A } fragment A on Query { ...A }' }, 'GRAPHQL_VALIDATION_FAILED'],
  [
    'a circle of fragments',
    { query: '{ ...A } fragment A on Query { viewer { tenantId } ...B } fragment B on Query { ...A }' },
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['10,000 fields', { query: `{ ${repeat(10_000, () => 'a')} }` }, 'OPERATION_TOO_COMPLEX'],
  [
    '10,000 fields by way of fragments',
    {
      query: `{ ...F0 } ${repeat(4, n => `fragment F${n} on Query { ${repeat(10, () => `...F${n + 1}`)} }`)} fragment F4 on Query { __typename }`,
    },
    'OPERATION_TOO_COMPLEX',
  ],
  [
    'fragments that double 60 times',
    {
      query: `{ ...F0 } ${repeat(60, n => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)} fragment F60 on Query { __typename }`,
    },
    'OPERATION_TOO_COMPLEX',
  ],
  ['100,000 directives', { query: `{ __typename ${'@a'.repeat(100_000)} }` }, 'OPERATION_TOO_COMPLEX'],
  ['51 directives', { query: `{ __typename ${'@skip(if: false) '.repeat(51)} }` }, 'OPERATION_TOO_COMPLEX'],
  ['200 KB of a query', { query: `{ __typename } ${'#'.repeat(200_000)}` }, 'OPERATION_TOO_COMPLEX'],
  [
    'lists whose pages multiply',
    {
      query:
        '{ conversations(first: 100) { nodes { messages(first: 100) { nodes { receipts(first: 100) { nodes { readAt } } } } } } }',
    },
    'OPERATION_TOO_COMPLEX',
  ],
  ['first: 99999999', { query: '{ conversations(first: 99999999) { nodes { id } } }' }, 'BAD_USER_INPUT'],
  ['first: 101', { query: '{ conversations(first: 101) { nodes { id } } }' }, 'BAD_USER_INPUT'],
  ['first: -1', { query: '{ conversations(first: -1) { nodes { id } } }' }, 'BAD_USER_INPUT'],
  ['first: 99999999 as a variable', { query: NODES, variables: { first: 99_999_999 } }, 'BAD_USER_INPUT'],
  ['first: -1 as a variable', { query: NODES, variables: { first: -1 } }, 'BAD_USER_INPUT'],
  ['first: 1e300 as a variable', { query: NODES, variables: { first: 1e300 } }, 'BAD_USER_INPUT'],
  ['first: 1.5 as a variable', { query: NODES, variables: { first: 1.5 } }, 'BAD_USER_INPUT'],
  ['a variable __proto__', { query: SEND, variables: json('{"__proto__": {"polluted": true}}') }, 'BAD_USER_INPUT'],
  [
    'a variable constructor',
    { query: SEND, variables: json('{"constructor": {"prototype": {"polluted": true}}}') },
    'BAD_USER_INPUT',
  ],
  [
    '__proto__ within a JSON value',
    { query: SEND, variables: json('{"metadata": {"a": [{"__proto__": {"polluted": true}}]}}') },
    'BAD_USER_INPUT',
  ],
  [
    'a variable 1,000 deep',
    { query: SEND, variables: json(`{"metadata": ${nested(1_000, '[', ']')}}`) },
    'BAD_USER_INPUT',
  ],
  [
    'an object 1,000 deep',
    { query: SEND, variables: json(`{"metadata": ${nested(1_000, '{"a":', '}', '1')}}`) },
    'BAD_USER_INPUT',
  ],
  [
    'an operationName that the document has not',
    { query: 'query A { __typename }', operationName: 'B' },
    'BAD_USER_INPUT',
  ],
  [
    'an operationName that every object has',
    { query: 'query A { __typename }', operationName: '__proto__' },
    'BAD_USER_INPUT',
  ],
  ['two operations and no name', { query: 'query A { __typename } query B { __typename }' }, 'BAD_USER_INPUT'],
  ['no operation', { query: 'fragment F on Query { __typename }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['an empty document', { query: '' }, 'GRAPHQL_PARSE_FAILED'],
  ['a type as a document', { query: 'type Query { a: Int }' }, 'GRAPHQL_VALIDATION_FAILED'],
  ['half a document', { query: '{ viewer {' }, 'GRAPHQL_PARSE_FAILED'],
  ['a NUL', { query: '{ viewer\u0000 { tenantId } }' }, 'GRAPHQL_PARSE_FAILED'],
]

describe('refused before anything is executed, and alike over every transport', () => {
  test.each(REFUSED)('%s', async (_, asked, code) => {
    const answers: Answer[] = []
    for (const way of WAYS.filter(each => canSay(each, asked))) {
      answers.push(await askBy(way, scene.server, scene.alice, attempt.line)(asked))
    }
    expect(answers.length).toBeGreaterThanOrEqual(3)
    const [first] = answers
    expect(codesOf(first ?? {})[0]).toBe(code)
    for (const answer of answers) {
      expect(answer).toEqual(first)
      expect(answer).not.toHaveProperty('data')
      if (code === 'OPERATION_TOO_COMPLEX') expect(answer.errors).toHaveLength(1)
    }
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
    await attempt.expectUnharmed()
  })

  // The fastest of several: what else the machine does at the moment is not the server's cost.
  test.each(REFUSED)('%s costs less than 50 ms', async (_, asked) => {
    const times: number[] = []
    for (let n = 0; n < 5 && Math.min(...times, 1_000) >= 50; n++) {
      // A text of its own each time, so that no cache answers.
      const fresh = { ...asked, query: `${asked.query}#${randomUUID()}` }
      const start = performance.now()
      await attempt.line.ask(fresh)
      times.push(performance.now() - start)
    }
    expect(Math.min(...times)).toBeLessThan(50)
  })
})

describe('what only a body can carry', () => {
  test.each(['application/json', 'text/event-stream'])('1 MB of a query is too long (%s)', async accept => {
    const response = await post(
      scene.server,
      scene.alice,
      JSON.stringify({ query: `{ __typename #${'x'.repeat(1_048_576)}\n}` }),
      {
        accept,
      },
    )
    expect(response.status).toBe(413)
    expect(codesOf(await read(response))).toEqual(['BAD_USER_INPUT'])
    await attempt.expectUnharmed()
  })

  test('variables 10,000 deep are refused over POST, SSE and WebSocket alike', async () => {
    const deep = nested(10_000, '[', ']')
    const body = JSON.stringify({ query: SEND, variables: { metadata: 0 } }).replace(
      '"metadata":0',
      `"metadata":${deep}`,
    )
    const posted = await read(await post(scene.server, scene.alice, body))
    expect(codesOf(posted)).toEqual(['BAD_USER_INPUT'])
    expect(await read(await post(scene.server, scene.alice, body, { accept: 'text/event-stream' }))).toEqual(posted)
    attempt.line.socket.send(`{"id":"deep","type":"subscribe","payload":${body}}`)
    expect(await attempt.line.heard('error', 'deep')).toMatchObject({ payload: posted.errors })
    await attempt.expectUnharmed()
  })

  test.each([
    ['the body', `{"query": "{ __typename }", "x": ${nested(10_000, '[', ']')}}`, 200],
    ['extensions', `{"query": "{ __typename }", "extensions": {"a": ${nested(10_000, '{"a":', '}', '1')}}}`, 200],
    ['__proto__ with the query in it', '{"__proto__": {"query": "{ __typename }"}}', 400],
    ['a query that is no string', '{"query": {"toString": "x"}}', 400],
    ['an operationName that is no string', '{"query": "{ __typename }", "operationName": {}}', 400],
    ['variables as a list', '{"query": "{ __typename }", "variables": []}', 400],
    ['variables as text', '{"query": "{ __typename }", "variables": "{}"}', 400],
    ['null', 'null', 400],
    ['nothing', '', 400],
    ['no JSON', '{"query": "{ __typename }"', 400],
  ])('%s does no harm', async (_, body, status) => {
    const response = await post(scene.server, scene.alice, body)
    expect(response.status).toBe(status)
    if (status === 400) expect(codesOf(await read(response))).toEqual(['BAD_USER_INPUT'])
    await attempt.expectUnharmed()
  })

  test.each(['application/json', 'text/event-stream'])('a batch is refused whole (%s)', async accept => {
    const query = `mutation { sendMessage(input: { conversationId: "${scene.group}", content: "x", clientMessageId: "x" }) { position } }`
    const response = await post(scene.server, scene.alice, JSON.stringify(Array(10).fill({ query })), { accept })
    expect(response.status).toBe(400)
    expect(codesOf(await read(response))).toEqual(['BAD_USER_INPUT'])
    await attempt.expectUnharmed()
  })
})

describe('what another site could make a browser send', () => {
  const mutation = () =>
    `mutation Act { sendMessage(input: { conversationId: "${scene.group}", content: "forged", clientMessageId: "forged" }) { position } }`

  test.each(['application/json', 'text/event-stream', '*/*'])(
    'a mutation by GET is not executed (%s)',
    async accept => {
      const response = await get(scene.server, scene.alice, { query: mutation() }, { accept })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('POST')
      expect(codesOf(await read(response))).toEqual(['BAD_USER_INPUT'])
      const named = { query: `query Look { __typename } ${mutation()}`, operationName: 'Act' }
      expect((await get(scene.server, scene.alice, named, { accept })).status).toBe(405)
      await attempt.expectUnharmed()
    },
  )

  test('no header turns a GET into a POST', async () => {
    const response = await get(scene.server, scene.alice, { query: mutation() }, { 'x-http-method-override': 'POST' })
    expect(response.status).toBe(405)
    await attempt.expectUnharmed()
  })

  test('a mutation by HEAD, or in the address of a POST, is not executed', async () => {
    const address = `${scene.server.url}?${new URLSearchParams({ query: mutation() })}`
    const headers = { authorization: `Bearer ${scene.alice.token}` }
    expect((await fetch(address, { method: 'HEAD', headers })).status).toBe(405)
    const json = { ...headers, 'content-type': 'application/json' }
    expect((await fetch(address, { method: 'POST', headers: json, body: '{}' })).status).toBe(400)
    await attempt.expectUnharmed()
  })

  const form = (): FormData => {
    const data = new FormData()
    data.set('query', mutation())
    data.set('operations', JSON.stringify({ query: mutation() }))
    data.set('map', '{}')
    return data
  }
  test.each<[string, () => string | FormData | URLSearchParams, Record<string, string>]>([
    ['an urlencoded form', () => new URLSearchParams({ query: mutation() }), {}],
    ['a multipart form', form, {}],
    ['text/plain', () => JSON.stringify({ query: mutation() }), { 'content-type': 'text/plain' }],
    ['GraphQL as such', mutation, { 'content-type': 'application/graphql' }],
    [
      'JSON as a parameter',
      () => JSON.stringify({ query: mutation() }),
      { 'content-type': 'text/plain; a=application/json' },
    ],
    ['two types', () => JSON.stringify({ query: mutation() }), { 'content-type': 'text/plain, application/json' }],
    ['an empty type', () => JSON.stringify({ query: mutation() }), { 'content-type': '' }],
  ])('%s is refused', async (_, body, headers) => {
    for (const accept of ['application/json', 'text/event-stream']) {
      const response = await post(scene.server, scene.alice, body(), { accept, ...headers })
      expect(response.status).toBe(415)
      expect(codesOf(await read(response))).toEqual(['BAD_USER_INPUT'])
    }
    await attempt.expectUnharmed()
  })
})
