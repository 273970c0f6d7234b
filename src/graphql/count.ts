import { type DocumentNode, type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql'
import type { GateLimits } from './gate-limits.ts'

/** What stands at one place of the result: how often each field occurs there, by the type it is asked of. */
interface Level {
  readonly depth: number
  readonly occurrences: Map<string, number>
}

/**
 * What about the document is beyond the limits, or undefined. Runs before validation, so it takes any document that parses: unknown fragments and cycles
 * count as nothing. It stops at the first count that is exceeded, however much the fragments multiply.
 */
export function findExcess(document: DocumentNode, limits: GateLimits): string | undefined {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  const counter = createCounter(limits, fragments)
  try {
    for (const node of document.definitions) {
      if (node.kind !== Kind.OPERATION_DEFINITION && node.kind !== Kind.FRAGMENT_DEFINITION) continue
      counter.directives(node)
      for (const variable of node.variableDefinitions ?? []) counter.directives(variable)
      if (node.kind === Kind.OPERATION_DEFINITION || !counter.reached(node.name.value)) counter.root(node.selectionSet)
    }
  } catch (error) {
    if (error instanceof Excess) return error.message
    throw error
  }
  return undefined
}

class Excess extends Error {}

const REPEATS = 'aliases or repeated fields'

function excess(limit: number, name: string): Excess {
  return new Excess(`The operation has more than ${limit} ${name}.`)
}

function createCounter(limits: GateLimits, fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const totals = { fields: 0, aliases: 0, directives: 0, rootFields: 0 }
  const open = new Set<string>()
  const reached = new Set<string>()

  const add = (what: keyof typeof totals, by: number, limit: number, name: string) => {
    totals[what] += by
    if (totals[what] > limit) throw excess(limit, name)
  }
  const directives = (node: { readonly directives?: readonly unknown[] | undefined }) =>
    add('directives', node.directives?.length ?? 0, limits.maxDirectives, 'directives')

  const field = (node: FieldNode, type: string, level: Level) => {
    const key = `${type}.${node.name.value}`
    const occurrences = (level.occurrences.get(key) ?? 0) + 1
    level.occurrences.set(key, occurrences)
    if (occurrences > 1 || node.alias) add('aliases', 1, limits.maxAliases, REPEATS)
    if (occurrences > limits.maxAliases) throw excess(limits.maxAliases, REPEATS)
    if (level.depth === 1) add('rootFields', 1, limits.maxRootFields, 'root fields')
    if (!node.selectionSet) return
    const introspects = level.depth === 1 && node.name.value.startsWith('__')
    const depth = introspects ? Number.NEGATIVE_INFINITY : level.depth + 1
    if (depth > limits.maxDepth) throw new Excess(`The operation is more than ${limits.maxDepth} levels deep.`)
    selections(node.selectionSet, '', { depth, occurrences: new Map() })
  }

  const spread = (name: string, level: Level) => {
    const fragment = fragments.get(name)
    if (fragment === undefined || open.has(name)) return
    open.add(name)
    reached.add(name)
    selections(fragment.selectionSet, fragment.typeCondition.name.value, level)
    open.delete(name)
  }

  const selections = (set: SelectionSetNode, type: string, level: Level) => {
    for (const node of set.selections) {
      add('fields', 1, limits.maxFields, 'fields')
      directives(node)
      if (node.kind === Kind.FIELD) field(node, type, level)
      else if (node.kind === Kind.FRAGMENT_SPREAD) spread(node.name.value, level)
      else selections(node.selectionSet, node.typeCondition?.name.value ?? type, level)
    }
  }

  return {
    directives,
    reached: (name: string) => reached.has(name),
    root: (set: SelectionSetNode) => selections(set, '', { depth: 1, occurrences: new Map() }),
  }
}
