import { describe, expect, test } from 'vitest'
import { bothWays } from './both-ways.ts'
import { type Outcome, type OutcomeOf, only } from './small-schema.ts'

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
