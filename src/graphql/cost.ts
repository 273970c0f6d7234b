import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  typeFromAST,
  type ValueNode,
} from 'graphql'
import { RequestError } from '../domain/errors.ts'
import { tooLong } from './allowance.ts'
import type { GateLimits } from './gate-limits.ts'
import { checkCounts, DEFAULT_PAGE } from './paging.ts'

type Variables = Readonly<Record<string, unknown>>

/** What a list without page arguments is taken to hold. */
const UNPAGED = 10

/** What an operation can at most give: objects, and characters of the names of their fields. */
export interface Cost {
  readonly nodes: number
  readonly characters: number
}

const NOTHING: Cost = { nodes: 0, characters: 0 }

/** What JSON puts around a field's name and value. */
const PUNCTUATION = 4

/**
 * What the operation can at most give: page sizes multiply down each path. `variables` are as the client sent them, and `onVariable` is told when
 * the count rests on one. The document must be valid. Throws `RequestError` BAD_USER_INPUT for a page size that no list takes.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
  onVariable: () => void,
): Cost {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)

  const numberOf = (node: ValueNode | undefined): number | null => {
    if (node?.kind === Kind.INT) return Number(node.value)
    if (node?.kind !== Kind.VARIABLE) return null
    onVariable()
    const name = node.name.value
    if (Object.hasOwn(variables, name)) return typeof variables[name] === 'number' ? variables[name] : null
    return numberOf(
      operation.variableDefinitions?.find(variable => variable.variable.name.value === name)?.defaultValue,
    )
  }

  const selections = (set: SelectionSetNode, type: unknown, paged: boolean): Cost =>
    set.selections.reduce((sum, node) => {
      if (node.kind === Kind.FIELD) return added(sum, ofField(node, type, paged))
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node
      if (fragment === undefined) return sum
      const condition = fragment.typeCondition ? typeFromAST(schema, fragment.typeCondition) : type
      return added(sum, selections(fragment.selectionSet, condition, paged))
    }, NOTHING)

  const ofField = (node: FieldNode, type: unknown, paged: boolean): Cost => {
    const name = (node.alias ?? node.name).value.length + PUNCTUATION
    const field = isCompositeType(type) ? schema.getField(type, node.name.value) : undefined
    if (field === undefined || !node.selectionSet) return { nodes: 0, characters: name }
    const size = pageSize(field, node, numberOf)
    const factor = size ?? (isListType(getNullableType(field.type)) && !paged ? UNPAGED : 1)
    const below = selections(node.selectionSet, getNamedType(field.type), size !== undefined)
    return { nodes: (size ?? 0) + factor * below.nodes, characters: name + factor * below.characters }
  }

  return selections(operation.selectionSet, schema.getRootType(operation.operation), false)
}

/** How many items the field's page has; undefined when it has no page arguments. */
function pageSize(
  field: GraphQLField,
  node: FieldNode,
  numberOf: (value: ValueNode | undefined) => number | null,
): number | undefined {
  const definition = field.args.find(argument => argument.name === 'first')
  if (definition === undefined) return undefined
  const given = (name: string) => numberOf(node.arguments?.find(argument => argument.name.value === name)?.value)
  const first = given('first')
  const last = given('last')
  checkCounts(first, last)
  return first ?? last ?? numberOf(definition.default?.literal) ?? DEFAULT_PAGE
}

function added(a: Cost, b: Cost): Cost {
  return { nodes: a.nodes + b.nodes, characters: a.characters + b.characters }
}

/** Throws OPERATION_TOO_COMPLEX above one of the limits. */
export function checkCost({ nodes, characters }: Cost, { maxNodes, maxAnswerLength }: GateLimits): void {
  if (characters > maxAnswerLength) throw tooLong(maxAnswerLength)
  if (nodes <= maxNodes) return
  throw new RequestError(
    'OPERATION_TOO_COMPLEX',
    `The operation could give more than ${maxNodes} objects: ask for smaller pages.`,
  )
}
