import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'

/** One place where an operation takes an id: everything else that it needs is filled in. */
export interface IdArgument {
  /** `Mutation.sendMessage(input.conversationId)`. */
  readonly name: string
  readonly kind: 'Query' | 'Mutation' | 'Subscription'
  operation(id: string): { readonly query: string; readonly variables: Record<string, unknown> }
}

/** Ids that the asker may use, by what they are of. */
export interface OwnIds {
  readonly conversation: string
  readonly message: string
  readonly user: string
}

/** A cursor that a server could have given out, of no log. */
const POSITION = 'AQAAAAAAAAAAAAAAAAAAAAA'

type Input = GraphQLArgument | GraphQLInputField

/** Every id argument of every root field, made from the schema: a field that is added later is here by itself. */
export function idArguments(schema: GraphQLSchema, own: OwnIds): readonly IdArgument[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  return roots.flatMap(root =>
    Object.values(root?.getFields() ?? {}).flatMap(field =>
      field.args.flatMap(arg => idPaths(arg, [arg.name]).map(path => idArgument(root?.name ?? '', field, path, own))),
    ),
  )
}

function idArgument(
  root: string,
  field: GraphQLField<unknown, unknown>,
  path: readonly string[],
  own: OwnIds,
): IdArgument {
  const kind = root === 'Mutation' || root === 'Subscription' ? root : 'Query'
  const used = field.args.filter(arg => isRequiredArgument(arg) || arg.name === path[0])
  const header = used.map(arg => `$${arg.name}: ${arg.type}`).join(', ')
  const passed = used.map(arg => `${arg.name}: $${arg.name}`).join(', ')
  const query = `${kind.toLowerCase()} Probe(${header}) { ${field.name}(${passed}) ${selectionOf(field)} }`
  return {
    name: `${root}.${field.name}(${path.join('.')})`,
    kind,
    operation: id => ({
      query,
      variables: Object.fromEntries(used.map(arg => [arg.name, filledIn(arg, [arg.name], path, id, own)])),
    }),
  }
}

/** All the paths below an input at which an ID stands. */
function idPaths(input: Input, path: readonly string[]): readonly (readonly string[])[] {
  const type = getNamedType(input.type)
  if (type.name === 'ID') return [path]
  if (!isInputObjectType(type)) return []
  return Object.values(type.getFields()).flatMap(field => idPaths(field, [...path, field.name]))
}

const SCALARS: Record<string, unknown> = { String: 'text', Int: 1, Boolean: true, JSON: {} }

function filledIn(input: Input, at: readonly string[], path: readonly string[], id: string, own: OwnIds): unknown {
  const here = at.join('.') === path.join('.')
  const type = getNamedType(input.type)
  const wrap = (value: unknown) => (isList(input.type) ? [value] : value)
  if (here) return wrap(id)
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      field => isRequiredInputField(field) || path.join('.').startsWith([...at, field.name].join('.')),
    )
    return Object.fromEntries(fields.map(field => [field.name, filledIn(field, [...at, field.name], path, id, own)]))
  }
  if (isEnumType(type)) return wrap(type.getValues()[0]?.name)
  if (type.name === 'Position') return POSITION
  if (type.name === 'ID') return wrap(ownId(at.at(-1) ?? '', own))
  return wrap(SCALARS[type.name])
}

function ownId(name: string, own: OwnIds): string {
  if (/conversation/i.test(name)) return own.conversation
  return /message|reply/i.test(name) ? own.message : own.user
}

function isList(type: GraphQLInputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type)
}

/** All that the field can say at one level, so that a leak of any kind would show. */
function selectionOf(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type)
  if (!('getFields' in type)) return ''
  const leaves = Object.values(type.getFields()).filter(each => each.args.length === 0)
  const shown = leaves.map(each => {
    const inner = getNamedType(each.type)
    if (!('getFields' in inner)) return each.name
    const scalars = isObjectType(inner)
      ? Object.values(inner.getFields()).filter(
          leaf => !('getFields' in getNamedType(leaf.type)) && leaf.args.length === 0,
        )
      : []
    return `${each.name} { __typename ${scalars.map(leaf => leaf.name).join(' ')} }`
  })
  return `{ __typename ${shown.join(' ')} }`
}
