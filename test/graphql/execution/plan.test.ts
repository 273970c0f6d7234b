import {
  buildSchema,
  type GraphQLFieldResolver,
  getIntrospectionQuery,
  getOperationAST,
  isAbstractType,
  isScalarType,
  parse,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { createPlans } from '../../../src/graphql/execution/plan.ts'
import { bothWays, prepared } from './both-ways.ts'
import { type Outcome, type OutcomeOf, schema } from './small-schema.ts'

const NODE = 'interface Node { id: ID! } type Item implements Node { id: ID! } type Query { node: Node }'

/** All else comes as a value. */
const only =
  (outcomes: Readonly<Record<string, Outcome>>): OutcomeOf =>
  name =>
    outcomes[name] ?? 'value'

interface Case {
  readonly name: string
  readonly source: string
  readonly variables?: readonly Record<string, unknown>[]
}

const SELECTIONS: readonly Case[] = [
  {
    name: 'names of prototypes',
    source: '{ __proto__: name constructor: id toString: __typename child { __proto__: child { id } } }',
  },
  { name: 'merged fields', source: '{ child { id } name child { name id child { id } } child { child { name } } }' },
  {
    name: 'fragments, nested and repeated',
    source:
      '{ ...A ... { name } ...A } fragment A on Query { id child { ...B } } fragment B on Node { id ... on Item { name ...B2 } } fragment B2 on Item { id number }',
  },
  {
    name: 'abstract types',
    source:
      '{ node { __typename id ... on Item { name } ... on Other { number } } nodes { strict ... on Other { child { id } } } any { ... on Node { id } ... on Item { items { name } } } }',
  },
  {
    name: 'fields that a variable moves',
    source:
      'query ($a: Boolean!, $b: Boolean!) { name @include(if: $a) child @skip(if: $b) { id } id name child { name @include(if: $b) } ... @include(if: $b) { number tags @skip(if: $a) } strict @include(if: false) }',
    variables: [
      { a: true, b: true },
      { a: true, b: false },
      { a: false, b: true },
      { a: false, b: false },
    ],
  },
  {
    name: 'a condition that is null',
    source:
      'query ($a: Boolean = true, $b: Boolean = true) { name @include(if: $a) child { id @skip(if: $b) required { id @skip(if: $b) } } }',
    variables: [{}, { b: null }, { b: false }, { a: null }, { a: null, b: null }],
  },
  {
    name: 'arguments',
    source:
      'query ($text: String, $n: Int = 2, $filter: Filter, $word: String = "w") { a: echo b: echo(text: null, n: 1) c: echo(text: $text) d: echo(n: $n) e: echo(filter: $filter) f: echo(filter: { words: ["x", $word] }) g: echo(filter: { words: "y", max: $n }) }',
    variables: [
      {},
      { text: 'x', n: 1, filter: {}, word: 'z' },
      { text: null, filter: null },
      { n: null },
      { word: null },
    ],
  },
  { name: 'mutations', source: 'mutation { a: child { id } b: items { name } __typename c: echo(text: "x") }' },
]

describe('a plan shows what graphql executes', () => {
  test.each(SELECTIONS)('$name', async ({ source, variables = [{}] }) => {
    // Twice: what the first found out is used by the second.
    for (const values of [...variables, ...variables]) {
      const atOnce = await bothWays(source, undefined, values)
      expect(atOnce.ours).toEqual(atOnce.graphqls)
      expect(atOnce.ours.atOnce).toBe(true)
      const later = await bothWays(source, () => 'later', values)
      expect(later.ours).toEqual(later.graphqls)
    }
  })

  test('of more combinations of conditions than it keeps', async () => {
    const source =
      'query ($a: Boolean!, $b: Boolean!, $c: Boolean!) { name @include(if: $a) id @skip(if: $b) child @include(if: $c) { id @skip(if: $a) name } name }'
    const combinations = Array.from({ length: 24 }, (_, n) => ({ a: (n & 1) > 0, b: (n & 2) > 0, c: (n & 4) > 0 }))
    for (const values of combinations) {
      const { ours, graphqls } = await bothWays(source, undefined, values)
      expect(ours).toEqual(graphqls)
    }
  })

  test('of the schema itself', async () => {
    const { plan, args } = prepared(getIntrospectionQuery())
    const { data } = await plan.execute(args({}).variableValues, undefined, {})
    const { ours, graphqls } = await bothWays(getIntrospectionQuery())
    expect(ours).toEqual(graphqls)
    expect(data).toHaveProperty('__schema.queryType.name', 'Query')
    const one = await bothWays(
      'query ($name: String!) { __type(name: $name) { name possibleTypes { name } } none: __type(name: "No") { name } }',
      undefined,
      { name: 'Node' },
    )
    expect(one.ours).toEqual(one.graphqls)
  })
})

const FAILING: readonly (readonly [string, string, Readonly<Record<string, Outcome>>])[] = [
  ['a leaf', '{ name id }', { 'root.name': 'throw' }],
  [
    'a leaf that its type cannot say',
    '{ number child { strict } id }',
    { 'root.number': 'wrong', 'root.child.strict': 'wrong' },
  ],
  ['an error that is given as a value', '{ name child { id } }', { 'root.name': 'error', 'root.child': 'later error' }],
  ['what is thrown and no error', '{ name }', { 'root.name': 'throw text' }],
  ['null where none may be', '{ child { required { id } name } }', { 'root.child.required': 'null' }],
  ['undefined where none may be', '{ child { strict } }', { 'root.child.strict': 'undefined' }],
  [
    'null up to the root',
    '{ name required { required { strict } } }',
    { 'root.required.required.strict': 'later null' },
  ],
  ['an item', '{ items { id } }', { 'root.items.1': 'throw', 'root.items.2': 'later throw' }],
  ['an item that may not be null', '{ strictItems { id } name }', { 'root.strictItems.1': 'null' }],
  ['an item that may not be null, later', '{ strictItems { id } name }', { 'root.strictItems.0': 'later null' }],
  [
    'an item beside later ones',
    '{ allStrict { id } }',
    { 'root.allStrict.0': 'later throw', 'root.allStrict.1': 'throw' },
  ],
  [
    'an item of a list in a list',
    '{ grid }',
    { 'root.grid.0': 'later', 'root.grid.0.1': 'null', 'root.grid.1': 'later throw' },
  ],
  ['a field of an item', '{ items { child { strict } name } }', { 'root.items.1.child.strict': 'null' }],
  ['what is no list', '{ items { id } tags }', { 'root.items': 'wrong', 'root.tags': 'later wrong' }],
  ['a list that is null', '{ allStrict { id } tags }', { 'root.allStrict': 'null' }],
  [
    'one of an abstract type',
    '{ node { strict } nodes { strict } any { ... on Node { strict } } }',
    { 'root.node.strict': 'throw', 'root.nodes.1': 'later', 'root.nodes.1.strict': 'later throw', 'root.any': 'throw' },
  ],
  [
    'at once, beside one that fails later',
    '{ child { child { strict } strict } }',
    { 'root.child.child.strict': 'later throw', 'root.child.strict': 'throw' },
  ],
  [
    'at once, beside one that fails later and may not be null either',
    '{ child { required { strict } strict } }',
    { 'root.child.required.strict': 'later throw', 'root.child.strict': 'throw' },
  ],
  [
    'many, each in its turn',
    '{ child { strict name child { strict } } name }',
    {
      'root.child.strict': 'later throw',
      'root.child.name': 'later throw',
      'root.child.child.strict': 'later null',
      'root.name': 'later throw',
    },
  ],
  [
    'below what is null already',
    '{ child { child { name } name strict } name }',
    {
      'root.child.child': 'later',
      'root.child.child.name': 'later throw',
      'root.child.strict': 'later throw',
      'root.name': 'later',
    },
  ],
  [
    'a mutation between two',
    'mutation { a: child { id } name b: child { id } }',
    { 'root.child': 'later', 'root.name': 'later throw' },
  ],
  [
    'a mutation that may not be null',
    'mutation { name strict child { id } }',
    { 'root.name': 'later', 'root.strict': 'later throw' },
  ],
  ['a mutation at once', 'mutation { name strict child { id } }', { 'root.strict': 'throw' }],
]

describe('a plan fails as graphql fails', () => {
  test.each(FAILING)('%s', async (_, source, outcomes) => {
    const { ours, graphqls } = await bothWays(source, only(outcomes))
    expect(ours).toEqual(graphqls)
    expect(JSON.parse(ours.response)).toHaveProperty('errors')
  })

  test('where several fail in one turn, with all of their errors', async () => {
    const source = '{ a: name b: child { name items { name } } c: number }'
    const sorted = (response: string) => {
      const { data, errors } = JSON.parse(response) as { data: unknown; errors: unknown[] }
      return { data, errors: errors.map(error => JSON.stringify(error)).sort() }
    }
    const failing: OutcomeOf = name => (/name|number/.test(name) ? 'later throw' : 'later')
    const { ours, graphqls } = await bothWays(source, failing, {}, () => Promise.resolve())
    expect(sorted(ours.response)).toEqual(sorted(graphqls.response))
  })
})

describe('a plan', () => {
  const nothing = { sources: {}, coerced: {} }

  /** The plan of a query of a schema of its own. */
  function planOf(
    query: string,
    typeDefs: string,
    resolvers: Readonly<Record<string, GraphQLFieldResolver<unknown, unknown>>>,
  ) {
    const own = buildSchema(typeDefs)
    for (const [name, resolve] of Object.entries(resolvers)) {
      const field = own.getQueryType()?.getFields()[name]
      if (field !== undefined) field.resolve = resolve
    }
    return { own, plan: prepared(query, own, createPlans(own, false)).plan }
  }

  test('is made once for an operation', () => {
    const plans = createPlans(schema, false)
    const document = parse('{ name }')
    const operation = getOperationAST(document)
    if (operation == null) throw new Error('There is no operation.')
    expect(plans(document, operation)).toBe(plans(document, operation))
  })

  test('does not go on with anything once its response is made', async () => {
    const { plan } = prepared('{ allStrict { child { name } } name }')
    const calls: string[] = []
    let release = () => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    const outcomeOf = only({ 'root.allStrict.0.child': 'later', 'root.allStrict.1': 'throw' })
    const { data } = await plan.execute(nothing, undefined, { outcomeOf, calls, turn: () => held })
    expect(data).toBeNull()
    release()
    await new Promise(resolve => setImmediate(resolve))
    expect(calls.map(call => call.split(' ')[0])).toEqual(['root.allStrict', 'root.allStrict.0.child'])
  })

  test('leaves nothing unheard that fails beside or after what made the response', async () => {
    const failed = () => Promise.reject(new Error('later'))
    const afterwards = () => new Promise(resolve => setImmediate(resolve))
    const { plan } = planOf('{ beside now after }', 'type Query { beside: [[Int!]!] after: [[Int]!] now: Int! }', {
      beside: () => [[failed(), 1], null, failed(), [failed()]],
      after: () => afterwards().then(() => [failed(), [failed()]]),
      now: () => afterwards(),
    })
    const { data, errors } = await plan.execute(nothing, undefined, {})
    expect(data).toBeNull()
    expect(errors?.map(error => error.path)).toEqual([['beside', 1], ['now']])
    await afterwards()
  })

  test.each([undefined, 'Query', 'Lost', 5])('fails where an abstract type says %s of a value', async said => {
    const { own, plan } = planOf('{ node { id } }', NODE, { node: () => ({ id: 'x' }) })
    const node = own.getType('Node')
    if (isAbstractType(node)) node.resolveType = (): never => said as never
    const { data, errors } = await plan.execute(nothing, undefined, {})
    expect(data).toEqual({ node: null })
    expect(errors).toMatchObject([{ path: ['node'], message: 'A Node does not say at once of which type it is.' }])
  })

  test('tells a resolver nothing of the execution', async () => {
    const { plan } = planOf('{ field path values }', 'type Query { field: String path: String values: String }', {
      field: (_, __, ___, info) => `${info.parentType}.${info.fieldName}: ${info.returnType}`,
      path: (_, __, ___, { path }) => path.key,
      values: (_, __, ___, { variableValues }) => variableValues,
    })
    const { data, errors } = await plan.execute(nothing, undefined, {})
    expect(data).toEqual({ field: 'Query.field: String', path: null, values: null })
    expect(errors).toHaveLength(2)
  })

  test('fails where a leaf has no value', async () => {
    const { own, plan } = planOf('{ at }', 'scalar At type Query { at: At }', { at: () => 'x' })
    const at = own.getType('At')
    if (isScalarType(at)) at.coerceOutputValue = () => null
    const { data, errors } = await plan.execute(nothing, undefined, {})
    expect(data).toEqual({ at: null })
    expect(errors).toMatchObject([{ path: ['at'], message: 'No At has this value.' }])
  })
})
