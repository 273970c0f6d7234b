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
} from 'graphql'
import type { Variables } from './run.ts'

/** What decides which fields a valid document selects. */
export interface Selecting {
  readonly schema: GraphQLSchema
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>
  readonly hideSuggestions: boolean
  /** Those that @skip and @include use are enough. */
  readonly variables: Variables
}

/**
 * The fields that selection sets show of an object of that type, by their response names, in the order of the specification (6.3.2, CollectFields). Throws
 * where a directive is given a null by a variable.
 */
export function collectFields(
  { schema, fragments, hideSuggestions, variables }: Selecting,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): ReadonlyMap<string, readonly FieldNode[]> {
  const fields = new Map<string, FieldNode[]>()
  const visited = new Set<FragmentDefinitionNode>()

  const isSet = (directive: GraphQLDirective, node: SelectionSetNode['selections'][number]) =>
    getDirectiveValues(directive, node, variables, undefined, hideSuggestions)?.['if']

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
        const fragment = fragments[node.name.value]
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
