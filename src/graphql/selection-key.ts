import { createHash } from 'node:crypto'
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import { dependsOnViewer } from './viewer-fields.ts'

/** What a subscription document shows, whatever it is called and wherever it begins. */
export interface Template {
  /** Equal for documents that show the same: without names, and without the root field's `after`. */
  readonly text: string
  /** The variables that it uses, in the order of their names; those used in the root's `after` alone left out. */
  readonly variables: readonly string[]
  /** Whether what it shows depends on who asks. */
  readonly ofViewer: boolean
}

/** The document must be valid. */
export function templateOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Template {
  const fragments = reachable(document, operation)
  const names = new Map(fragments.map((fragment, n) => [fragment.name.value, `F${n}`]))
  const variables = new Set<string>()
  let ofViewer = false
  const typeInfo = new TypeInfo(schema)
  const shown = visit(
    { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] },
    visitWithTypeInfo(typeInfo, {
      OperationDefinition: ({ kind, operation: type, selectionSet, directives }) => ({
        kind,
        operation: type,
        selectionSet,
        directives,
      }),
      VariableDefinition: () => null,
      Field: () => {
        const field = typeInfo.getFieldDef()
        if (field && dependsOnViewer(field)) ofViewer = true
      },
      Argument: node => {
        const atRoot = typeInfo.getParentType() === schema.getSubscriptionType()
        return atRoot && node.name.value === 'after' ? null : undefined
      },
      Variable: ({ name }) => {
        variables.add(name.value)
      },
    }),
  )
  return { text: print(renamed(shown, names)), variables: [...variables].sort(), ofViewer }
}

/** The key of a template with these coerced values. Its parts cannot run into each other. */
export function keyOf(template: Template, values: Readonly<Record<string, unknown>>, userId: string): string {
  const used = template.variables.map(name => (Object.hasOwn(values, name) ? [name, sorted(values[name])] : [name]))
  const parts = JSON.stringify([template.text, used, template.ofViewer ? userId : null])
  return createHash('sha256').update(parts).digest('base64url')
}

/** The fragments that the operation reaches, in the order in which it first does. */
function reachable(document: DocumentNode, operation: OperationDefinitionNode): readonly FragmentDefinitionNode[] {
  const all = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions) if (node.kind === Kind.FRAGMENT_DEFINITION) all.set(node.name.value, node)
  const reached = new Set<FragmentDefinitionNode>()
  const collect = (node: OperationDefinitionNode | FragmentDefinitionNode) => {
    visit(node, {
      FragmentSpread({ name }) {
        const fragment = all.get(name.value)
        if (fragment === undefined || reached.has(fragment)) return
        reached.add(fragment)
        collect(fragment)
      },
    })
  }
  collect(operation)
  return [...reached]
}

function renamed(document: DocumentNode, names: ReadonlyMap<string, string>): DocumentNode {
  const rename = <Node extends { readonly name: { readonly value: string } }>(node: Node) => ({
    ...node,
    description: undefined,
    name: { ...node.name, value: names.get(node.name.value) ?? node.name.value },
  })
  return visit(document, { FragmentSpread: rename, FragmentDefinition: rename })
}

/** The value with its keys in order, and what JSON cannot say as text: equal values print alike. */
function sorted(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return { entries: entries.map(([key, inner]) => [key, sorted(inner)]) }
}
