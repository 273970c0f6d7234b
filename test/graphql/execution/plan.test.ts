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
import { only, schema } from './small-schema.ts'

const NODE = 'interface Node { id: ID! } type Item implements Node { id: ID! } type Query { node: Node }'

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

  test('is made once for an operation, and anew when too many fields were compiled', () => {
    const plans = createPlans(schema, false, 5)
    const script = { outcomeOf: only({}), calls: [] }
    const [one, other] = ['{ __typename name id strict }', '{ name id strict }'].map(source => {
      const document = parse(source)
      const operation = getOperationAST(document)
      if (operation == null) throw new Error('There is no operation.')
      return () => plans(document, operation)
    })
    const plan = one?.()
    const response = plan?.execute(nothing, undefined, script)
    expect(response).toMatchObject({ data: { __typename: 'Query', name: 'root.name' } })
    expect(one?.()).toBe(plan)
    other?.().execute(nothing, undefined, script)
    expect(one?.()).not.toBe(plan)
    expect(plan?.execute(nothing, undefined, script)).toEqual(response)
  })

  test('gives back the room of selections that it no longer keeps', () => {
    const plans = createPlans(schema, false, 30)
    const script = { outcomeOf: only({}), calls: [] }
    const document = parse(`query ($a: Boolean!, $b: Boolean!, $c: Boolean!) {
      id name number @include(if: $a) strict @include(if: $b) tags @include(if: $c) }`)
    const operation = getOperationAST(document)
    if (operation == null) throw new Error('There is no operation.')
    const plan = plans(document, operation)
    for (let n = 0; n < 80; n++) {
      const values = { a: (n & 1) > 0, b: (n & 2) > 0, c: (n & 4) > 0 }
      plans(document, operation).execute({ sources: {}, coerced: values }, undefined, script)
    }
    expect(plans(document, operation)).toBe(plan)
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
