import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getArgumentValues,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
  type ValidatedSubscriptionArgs,
} from 'graphql'
import { collectFields } from './collect-fields.ts'
import type { Context } from './context.ts'
import { chain, joined, type Text } from './json-text.ts'

/** A value as a selection shows it. Throws or rejects with what the first field that fails fails with. */
export type Show = (value: unknown, context: Context) => Text

const NULL = 'null'

/**
 * A valid subscription made ready to be executed over and over: which fields, arguments and types it has is found out once. Given the root value, it gives the
 * text of `data` as graphql's own `executeSubscriptionEvent` makes it of an execution without errors (specification, section 6.4). Any error ends it, for
 * nothing may be delivered then: so there are neither paths nor partial results.
 */
export function compile(args: ValidatedSubscriptionArgs): Show {
  const { schema, operation } = args
  const root = schema.getSubscriptionType()
  if (root == null) throw new Error('The schema has no subscriptions.')
  return objectShow(args, root, [operation.selectionSet])
}

function objectShow(
  args: ValidatedSubscriptionArgs,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): Show {
  const fields = Array.from(collectFields(args, type, selectionSets), ([key, nodes]) =>
    fieldShow(args, type, key, nodes),
  )
  return (value, context) => joined(fields, show => show(value, context), '{', '}')
}

/** A field with its name before it. */
function fieldShow(
  args: ValidatedSubscriptionArgs,
  parentType: GraphQLObjectType,
  key: string,
  fieldNodes: readonly FieldNode[],
): Show {
  const [node] = fieldNodes
  const name = `${JSON.stringify(key)}:`
  const typename = `${name}${JSON.stringify(parentType.name)}`
  if (node?.name.value === '__typename') return () => typename
  const definition = parentType.getFields()[node?.name.value ?? '']
  if (node === undefined || definition === undefined) throw new Error('A valid subscription has an unknown field.')
  const { type: returnType, resolve = defaultFieldResolver } = definition
  const given = getArgumentValues(definition, node, args.variableValues)
  const path = { prev: undefined, key, typename: parentType.name }
  const info = { ...infoOf(args), fieldName: definition.name, fieldNodes, returnType, parentType, path }
  const show = valueShow(args, returnType, info)
  return (source, context) => {
    const text = chain(resolve(source, given, context, info), value => show(value, context))
    return typeof text === 'string' ? name + text : text.then(known => name + known)
  }
}

function valueShow(args: ValidatedSubscriptionArgs, type: GraphQLOutputType, info: GraphQLResolveInfo): Show {
  if (isNonNullType(type)) {
    const show = valueShow(args, type.ofType, info)
    return (value, context) => chain(show(value, context), text => required(text, info))
  }
  const show = nonNullShow(args, type, info)
  return (value, context) => {
    if (value instanceof Error) throw value
    return value === null || value === undefined ? NULL : show(value, context)
  }
}

/** Of everything but null. */
function nonNullShow(args: ValidatedSubscriptionArgs, type: GraphQLOutputType, info: GraphQLResolveInfo): Show {
  if (isListType(type)) {
    const show = valueShow(args, type.ofType, info)
    return (value, context) => joined(items(value, info), item => chain(item, known => show(known, context)), '[', ']')
  }
  if (isLeafType(type)) return value => leaf(type, value)
  const selectionSets = info.fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? [])
  if (isObjectType(type)) return objectShow(args, type, selectionSets)
  if (!isAbstractType(type)) throw new TypeError(`${type} is twice not null.`)
  return abstractShow(args, type, selectionSets, info)
}

/** What each concrete type shows is found out when the first of them comes. */
function abstractShow(
  args: ValidatedSubscriptionArgs,
  type: GraphQLAbstractType,
  selectionSets: readonly SelectionSetNode[],
  info: GraphQLResolveInfo,
): Show {
  const shows = new Map<unknown, Show>()
  return (value, context) => {
    const name = type.resolveType?.(value, context, info, type)
    const known = shows.get(name)
    if (known !== undefined) return known(value, context)
    const concrete = typeof name === 'string' ? args.schema.getType(name) : undefined
    if (!isObjectType(concrete)) throw new TypeError(`A ${type} does not say at once of which type it is.`)
    const show = objectShow(args, concrete, selectionSets)
    shows.set(name, show)
    return show(value, context)
  }
}

function leaf(type: GraphQLLeafType, value: unknown): string {
  const text: string | undefined = JSON.stringify(type.coerceOutputValue(value))
  if (text === undefined || text === NULL) throw new TypeError(`A ${type} has no value.`)
  return text
}

function required(text: string, { parentType, fieldName }: GraphQLResolveInfo): string {
  if (text === NULL) throw new TypeError(`${parentType}.${fieldName} may not be null.`)
  return text
}

function items(value: unknown, { parentType, fieldName }: GraphQLResolveInfo): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${parentType}.${fieldName} is no list.`)
  return value
}

/** Nothing can be aborted from outside, and nothing outlives an execution. */
function infoOf({ schema, fragmentDefinitions, operation, variableValues }: ValidatedSubscriptionArgs) {
  return {
    schema,
    fragments: fragmentDefinitions,
    rootValue: undefined,
    operation,
    variableValues,
    getAbortSignal: () => undefined,
    getAsyncHelpers: () => ({ promiseAll: Promise.all.bind(Promise), track() {} }),
  } satisfies Partial<GraphQLResolveInfo>
}
