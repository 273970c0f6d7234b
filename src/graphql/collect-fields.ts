import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLDirective,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  isAbstractType,
  Kind,
  type NamedTypeNode,
  type SelectionSetNode,
  typeFromAST,
  type ValidatedSubscriptionArgs,
} from 'graphql'

/** What a valid subscription selects of objects. */
export type Selecting = Pick<ValidatedSubscriptionArgs, 'schema' | 'fragmentDefinitions' | 'variableValues'>

/** The fields that selection sets show of an object of that type, by their response names, in the order of the specification (6.3.2, CollectFields). */
export function collectFields(
  { schema, fragmentDefinitions, variableValues }: Selecting,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): ReadonlyMap<string, readonly FieldNode[]> {
  const fields = new Map<string, FieldNode[]>()
  const visited = new Set<FragmentDefinitionNode>()

  const isSet = (directive: GraphQLDirective, node: SelectionSetNode['selections'][number]) =>
    getDirectiveValues(directive, node, variableValues)?.['if']

  function visit({ selections }: SelectionSetNode): void {
    for (const node of selections) {
      if (isSet(GraphQLSkipDirective, node) === true || isSet(GraphQLIncludeDirective, node) === false) continue
      if (node.kind === Kind.FIELD) {
        const name = node.alias?.value ?? node.name.value
        const present = fields.get(name)
        if (present === undefined) fields.set(name, [node])
        else present.push(node)
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        if (applies(schema, type, node.typeCondition)) visit(node.selectionSet)
      } else {
        const fragment = fragmentDefinitions[node.name.value]
        if (fragment === undefined || visited.has(fragment)) continue
        visited.add(fragment)
        if (applies(schema, type, fragment.typeCondition)) visit(fragment.selectionSet)
      }
    }
  }

  for (const selectionSet of selectionSets) visit(selectionSet)
  return fields
}

function applies(schema: GraphQLSchema, type: GraphQLObjectType, condition: NamedTypeNode | undefined): boolean {
  if (condition === undefined) return true
  const named = typeFromAST(schema, condition)
  return named === type || (isAbstractType(named) && schema.isSubType(named, type))
}
