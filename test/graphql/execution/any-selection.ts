import fc from 'fast-check'
import { OUTCOMES, type OutcomeOf } from './small-schema.ts'

const LEAVES: Readonly<Record<string, readonly string[]>> = {
  Item: [
    'id',
    'name',
    'strict',
    'number',
    'tags',
    'grid',
    'echo',
    'e1: echo(n: 1)',
    'e2: echo(text: $text)',
    '__typename',
  ],
  Other: ['id', 'strict', 'number', 'extra', '__typename'],
  Node: ['id', 'strict', '__typename'],
  Any: ['__typename'],
}

/** The composite fields of each type, with theirs. */
const BRANCHES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  Item: [
    ['child', 'Item'],
    ['required', 'Item'],
    ['items', 'Item'],
    ['strictItems', 'Item'],
    ['allStrict', 'Item'],
    ['node', 'Node'],
    ['nodes', 'Node'],
    ['any', 'Any'],
  ],
  Other: [['child', 'Item']],
  Node: [],
  Any: [],
}

const CONDITIONS: Readonly<Record<string, readonly string[]>> = {
  Item: ['Item', 'Node', 'Any'],
  Other: ['Other', 'Node', 'Any'],
  Node: ['Item', 'Other', 'Node'],
  Any: ['Item', 'Other', 'Node'],
}

/** Used wherever a selection says `...Shared`. */
const SHARED =
  'fragment Shared on Node { id ... on Item { name @skip(if: $b) child { strict __proto__: number } } ... on Other { number } }'

const directive = fc.constantFrom(
  '',
  '',
  '',
  '@skip(if: $a)',
  '@include(if: $a)',
  '@skip(if: $b)',
  '@include(if: false)',
)

/** A valid operation of the small schema, with `$a`, `$b` and `$text`. */
export const anyOperation: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('query', 'mutation'), selection('Item', 3))
  .map(([kind, fields]) => {
    // The root is no item: a fragment on an item or an interface does not fit there.
    const text = `${kind} ($a: Boolean!, $b: Boolean = true, $text: String) { __typename @skip(if: $a) b: __typename @skip(if: $b) e: echo(text: $text) child { strict } ...Root }`
    const root = `fragment Root on ${kind === 'query' ? 'Query' : 'Mutation'} { child ${fields} any { ... on Item ${fields} } name items ${fields} }`
    return `${text} ${root} ${fields.includes('...Shared') ? SHARED : ''}`
  })

function selection(type: string, depth: number): fc.Arbitrary<string> {
  const leaf = fc.tuple(fc.constantFrom(...(LEAVES[type] ?? [])), directive).map(parts => parts.join(' '))
  if (depth === 0) return fc.array(leaf, { minLength: 1, maxLength: 3 }).map(braced)
  const branches = (BRANCHES[type] ?? []).map(([name, of]) =>
    selection(of, depth - 1).map(fields => `${name} ${fields}`),
  )
  const fragments = (CONDITIONS[type] ?? []).map(of =>
    fc.tuple(directive, selection(of, depth - 1)).map(([when, fields]) => `... on ${of} ${when} ${fields}`),
  )
  const shared = fc.constant('...Shared')
  return fc
    .array(fc.oneof(leaf, leaf, ...branches, ...branches, ...fragments, shared), { minLength: 1, maxLength: 4 })
    .map(braced)
}

function braced(parts: readonly string[]): string {
  return `{ ${parts.join(' ')} }`
}

/** Mostly values, at once or later, and now and then anything else. */
export const anyOutcomes: fc.Arbitrary<OutcomeOf> = fc
  .array(
    fc.oneof(
      { weight: 15, arbitrary: fc.constantFrom('value' as const, 'later' as const) },
      fc.constantFrom(...OUTCOMES),
    ),
    {
      minLength: 23,
      maxLength: 23,
    },
  )
  .map(outcomes => name => outcomes[hash(name) % outcomes.length] ?? 'value')

function hash(name: string): number {
  let sum = 7
  for (const unit of name) sum = (sum * 31 + (unit.codePointAt(0) ?? 0)) % 65_521
  return sum
}
