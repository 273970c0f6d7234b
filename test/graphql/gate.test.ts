import fc from 'fast-check'
import { getIntrospectionQuery } from 'graphql'
import { describe, expect, test } from 'vitest'
import { GATE_LIMITS } from '../../src/graphql/gate-limits.ts'
import { readTypeDefs } from '../../src/graphql/schema.ts'
import { codes, fakeEngine, refused, run } from './engine-fixture.ts'

const { engine } = fakeEngine()
const { engine: production } = fakeEngine({}, {}, { production: true })

const repeated = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ')
const nested = (levels: number) => `{ message(id: 1) ${'{ replyTo '.repeat(levels)} { id } ${'}'.repeat(levels)} }`

describe('what is too complex', () => {
  const tooComplex: Record<string, string> = {
    'a field 101 times': `{ ${repeated(101, () => '__typename')} }`,
    '101 aliases': `{ ${repeated(101, n => `a${n}: __typename`)} }`,
    '101 aliases spread over fragments': `{ ...A ...B } fragment A on Query { ${repeated(51, n => `a${n}: __typename`)} } fragment B on Query { ${repeated(50, n => `b${n}: __typename`)} }`,
    '30 levels': nested(30),
    '30 levels made of fragments': `{ ...F0 } ${repeated(30, n => `fragment F${n} on Query { message(id: 1) { ...G${n} } } fragment G${n} on Message { replyTo { ...G${n + 1} } }`)} fragment G30 on Message { id }`,
    'fragments that double 30 times': `{ ...F0 } ${repeated(30, n => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)} fragment F30 on Query { __typename }`,
    'fragments that double and hold nothing known': `{ ...F0 } ${repeated(30, n => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)}`,
    '10,000 fields': `{ ${repeated(10_000, n => `f${n}`)} }`,
    '1,500 fields in a fragment that nobody uses': `{ __typename } fragment F on Query { ${repeated(1_500, n => `f${n}`)} }`,
    '100,000 directives': `{ __typename ${repeated(100_000, () => '@skip(if: false)')} }`,
    '51 directives': `{ __typename ${repeated(51, () => '@x')} }`,
    '1 MB of text': `{ ${'a'.repeat(1_000_000)} }`,
    '2,001 tokens': `{ message(id: [${repeated(1_995, () => '1')}]) { id } }`,
  }

  test.for(Object.entries(tooComplex))('%s is refused within 50 ms, once', ([, query]) => {
    const times = [1, 2, 3].map(n => {
      const started = performance.now()
      expect(codes(refused(engine, `${query}${' '.repeat(n)}`))).toEqual(['OPERATION_TOO_COMPLEX'])
      return performance.now() - started
    })
    expect(Math.min(...times)).toBeLessThan(50)
  })

  test('what is just within the limits is served', async () => {
    const many = `{ ${repeated(GATE_LIMITS.maxAliases, n => `a${n}: __typename`)} }`
    expect(await run(engine, many)).not.toHaveProperty('errors')
    expect(engine.admit({ query: nested(GATE_LIMITS.maxDepth - 2) })).toHaveProperty('kind', 'query')
    expect(codes(refused(engine, nested(GATE_LIMITS.maxDepth - 1)))).toEqual(['OPERATION_TOO_COMPLEX'])
  })

  test('a stock client document with a fragment for each kind of event is served', () => {
    const kinds = ['MessageSent', 'MessageEdited', 'MessageDeleted']
    const query = `subscription { inbox { __typename position ... on ConversationEvent { seq conversationId at actor { id name } conversation { id title } }
      ${kinds.map(kind => `... on ${kind} { message { id content sender { id name } replyTo { id content } } }`).join('\n')} } }`
    expect(engine.admit({ query })).toHaveProperty('kind', 'subscription')
  })

  test('fragments in a circle are a validation error', () => {
    const query = '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A __typename }'
    expect(codes(refused(engine, query))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  })
})

describe('pages', () => {
  const pages = `query ($n: Int, $m: Int = 50) { conversations(first: $n) { nodes { messages(last: $m) { nodes { id } } } } }`

  test('multiply down a path', () => {
    expect(engine.admit({ query: pages, variables: { n: 100 } })).toHaveProperty('kind', 'query')
    expect(codes(refused(engine, pages, { n: 100, m: 100 }))).toEqual(['OPERATION_TOO_COMPLEX'])
    expect(engine.admit({ query: pages, variables: { n: 99, m: 100 } })).toHaveProperty('kind', 'query')
  })

  test('of an impossible size are refused before anything runs', () => {
    for (const n of [-1, 101, 99_999_999]) expect(codes(refused(engine, pages, { n }))).toEqual(['BAD_USER_INPUT'])
    expect(codes(refused(engine, '{ conversations(first: 101) { nodes { id } } }'))).toEqual(['BAD_USER_INPUT'])
    const both = '{ conversation(id: 1) { messages(first: 1, last: 1) { nodes { id } } } }'
    expect(codes(refused(engine, both))).toEqual(['BAD_USER_INPUT'])
  })
})

describe('the request', () => {
  test('says by code what is wrong with it', () => {
    expect(codes(refused(engine, '{'))).toEqual(['GRAPHQL_PARSE_FAILED'])
    expect(codes(refused(engine, '{ nope }'))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect(codes(refused(engine, 'query A { __typename } query B { __typename }'))).toEqual(['BAD_USER_INPUT'])
    expect(codes(refused(engine, 'fragment A on Query { __typename }'))).not.toEqual([])
    expect(engine.admit({ query: 'query A { __typename }', operationName: 'B' })).toHaveProperty(
      '0.extensions.code',
      'BAD_USER_INPUT',
    )
    expect(refused(engine, `{ ${repeated(90, n => `nope${n}`)} }`).length).toBeLessThan(10)
  })

  test('a subscription has one root field', () => {
    expect(codes(refused(engine, 'subscription { inbox { position } other: inbox { position } }'))).toEqual([
      'GRAPHQL_VALIDATION_FAILED',
    ])
  })

  test('a variable that does not fit is BAD_USER_INPUT', async () => {
    const result = await run(engine, 'query ($id: ID!) { message(id: $id) { id } }', {})
    expect(result).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
  })

  test('variables that would pollute or overflow are refused, and nothing is polluted', () => {
    const deep = JSON.parse(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`) as Record<string, unknown>
    expect(codes(refused(engine, '{ __typename }', deep))).toEqual(['BAD_USER_INPUT'])
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const variables = JSON.parse(`{"a":[{"${key}":{"polluted":true}}]}`) as Record<string, unknown>
      expect(codes(refused(engine, '{ __typename }', variables))).toEqual(['BAD_USER_INPUT'])
    }
    expect({}).not.toHaveProperty('polluted')
  })

  test('errors that are kept are given out anew', () => {
    const [one] = refused(engine, '{ kept }')
    const [two] = refused(engine, '{ kept }')
    expect(one).not.toBe(two)
    expect(one?.extensions).not.toBe(two?.extensions)
    expect(one?.toJSON()).toEqual(two?.toJSON())
  })

  test('no text makes the gate throw, and every error has a code', () => {
    const word = fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      '...',
      'query',
      'fragment',
      'on',
      'Query',
      'viewer',
      'a:',
      '$x',
      '@skip',
      '"',
      '"""',
      '[',
      ':',
      '!',
      '#',
      '\n',
      '0',
      'message',
      'id',
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word).map(words => words.join(' ')),
    )
    fc.assert(
      fc.property(text, fc.jsonValue(), (query, variables) => {
        const result = engine.admit({ query, variables: variables as Record<string, unknown> })
        if (!('document' in result)) for (const code of codes(result)) expect(code).toEqual(expect.any(String))
      }),
    )
  })
})

describe('introspection', () => {
  test('is answered in development', async () => {
    expect(await run(engine, getIntrospectionQuery())).not.toHaveProperty('errors')
  })

  test('is refused in production', () => {
    expect(codes(refused(production, getIntrospectionQuery()))).toContain('GRAPHQL_VALIDATION_FAILED')
    expect(codes(refused(production, '{ __type(name: "Query") { name } }'))).toContain('GRAPHQL_VALIDATION_FAILED')
    expect(production.admit({ query: '{ __typename }' })).toHaveProperty('kind', 'query')
  })

  test('in production no answer says a name of the schema', async () => {
    const names = [...new Set(readTypeDefs().match(/[A-Za-z]\w{5,}/g))]
    expect(names.length).toBeGreaterThan(100)
    for (const name of names) {
      const wrong = `${name.slice(0, -1)}_`
      const queries = [
        `{ ${wrong} }`,
        `{ viewer { ${wrong} } }`,
        `{ user(${wrong}: 1) { id } }`,
        `{ ... on ${wrong} { id } }`,
      ]
      const messages = queries.flatMap(query => refused(production, query).map(error => error.message))
      expect([...new Set(messages)]).toEqual(['The document is not valid.'])
    }
    const query =
      'mutation ($input: JoinConversationInput!) { joinConversation(input: $input) { userErrors { code } } }'
    const answer = JSON.stringify(await run(production, query, { input: { conversationI_: 'x' } }))
    expect(answer).toContain('BAD_USER_INPUT')
    expect(answer).not.toMatch(/conversationI|JoinConversation/)
  })
})
