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
import { checkCounts, DEFAULT_PAGE } from './paging.ts'

type Variables = Readonly<Record<string, unknown>>

/** What a list without page arguments is taken to hold. */
const UNPAGED = 10

/**
 * How many objects the operation can at most give: page sizes multiply down each path. `variables` are as the client sent them, and `onVariable` is told when
 * the count rests on one. The document must be valid. Throws `RequestError` BAD_USER_INPUT for a page size that no list takes.
 */
export function countNodes(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
  onVariable: () => void,
): number {
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

  const selections = (set: SelectionSetNode, type: unknown, paged: boolean): number =>
    set.selections.reduce((nodes, node) => {
      if (node.kind === Kind.FIELD) return nodes + fieldNodes(node, type, paged)
      const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node
      if (fragment === undefined) return nodes
      const condition = fragment.typeCondition ? typeFromAST(schema, fragment.typeCondition) : type
      return nodes + selections(fragment.selectionSet, condition, paged)
    }, 0)

  const fieldNodes = (node: FieldNode, type: unknown, paged: boolean): number => {
    const field = isCompositeType(type) ? schema.getField(type, node.name.value) : undefined
    if (field === undefined || !node.selectionSet) return 0
    const size = pageSize(field, node, numberOf)
    const factor = size ?? (isListType(getNullableType(field.type)) && !paged ? UNPAGED : 1)
    const below = selections(node.selectionSet, getNamedType(field.type), size !== undefined)
    return (size === undefined ? 0 : size) + factor * below
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

/** Throws OPERATION_TOO_COMPLEX above `maxNodes`. */
export function checkNodes(nodes: number, maxNodes: number): void {
  if (nodes <= maxNodes) return
  throw new RequestError(
    'OPERATION_TOO_COMPLEX',
    `The operation could give more than ${maxNodes} objects: ask for smaller pages.`,
  )
}
