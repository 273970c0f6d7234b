import {
  buildSchema,
  GraphQLError,
  type GraphQLOutputType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'

/** How a value comes. All but `wrong` are of any place; `wrong` is what the type cannot say. */
export const OUTCOMES = [
  'value',
  'null',
  'undefined',
  'throw',
  'throw text',
  'error',
  'wrong',
  'later',
  'later null',
  'later throw',
  'later error',
  'later wrong',
] as const

export type Outcome = (typeof OUTCOMES)[number]

/** How the value comes that is called so: the path to it, of fields and not of aliases, from `root`. */
export type OutcomeOf = (name: string) => Outcome

/** All else comes as a value. */
export const only =
  (outcomes: Readonly<Record<string, Outcome>>): OutcomeOf =>
  name =>
    outcomes[name] ?? 'value'

/** The context of an execution. */
export interface Script {
  readonly outcomeOf: OutcomeOf
  /** The resolvers that ran, in their order, with their arguments. */
  readonly calls: string[]
  /** Settles a turn later: no two values that come later come in the same turn, unless the test wants that. */
  readonly turn: () => Promise<void>
}

interface Thing {
  readonly type: string
  readonly name: string
}

const ITEM = `
  id: ID!
  name: String
  strict: String!
  number: Int
  tags: [String!]
  grid: [[Int!]]
  child: Item
  required: Item!
  items: [Item]
  strictItems: [Item!]
  allStrict: [Item!]!
  node: Node
  nodes: [Node!]!
  any: Any
  echo(text: String, n: Int! = 7, filter: Filter): String
`

/** Every kind of place, each with a value of itself below. All of its roots are items. */
export const schema = buildSchema(`
  interface Node { id: ID! strict: String! }
  type Item implements Node { ${ITEM} }
  type Other implements Node { id: ID! strict: String! number: Int extra: Int! child: Item }
  union Any = Item | Other
  input Filter { words: [String!] max: Int! = 3 }
  type Query { ${ITEM} }
  type Mutation { ${ITEM} }
`)

for (const type of Object.values(schema.getTypeMap())) {
  if (isAbstractType(type)) {
    type.resolveType = (value: Thing) => {
      if (typeof value === 'symbol') throw new Error(`${type} has no symbols`)
      return value.type
    }
  }
  if (!isObjectType(type) || type.name.startsWith('__')) continue
  for (const field of Object.values(type.getFields())) {
    field.resolve = (source: Thing | undefined, args: object, script: Script) => {
      const name = `${source?.name ?? 'root'}.${field.name}`
      script.calls.push(`${name} ${JSON.stringify(args)}`)
      return come(script, field.type, name)
    }
  }
}

function come(script: Script, type: GraphQLOutputType, name: string): unknown {
  const outcome = script.outcomeOf(name)
  const give = () => {
    switch (outcome.replace('later ', '')) {
      case 'null':
        return null
      case 'undefined':
        return undefined
      case 'throw':
        throw new Error(`no ${name}`)
      case 'throw text':
        throw `no ${name}`
      case 'error':
        return new GraphQLError(`no ${name}`, { extensions: { code: 'NO' } })
      case 'wrong':
        return isListType(isNonNullType(type) ? type.ofType : type) ? 5 : Symbol(name)
      default:
        return example(script, type, name)
    }
  }
  return outcome.startsWith('later') ? script.turn().then(give) : give()
}

/** An item cannot throw, it can only be an error. Of those that fail after the response graphql does not hear. */
function item(script: Script, type: GraphQLOutputType, name: string): unknown {
  try {
    const value = come(script, type, name)
    if (value instanceof Promise) value.catch(() => {})
    return value
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function example(script: Script, type: GraphQLOutputType, name: string): unknown {
  if (isNonNullType(type)) return example(script, type.ofType, name)
  if (isListType(type)) {
    const length = name.split('.').length === 2 ? 3 : name.length % 3
    return Array.from({ length }, (_, n) => item(script, type.ofType, `${name}.${n}`))
  }
  if (isLeafType(type)) return type.name === 'Int' ? name.length : name
  return { type: isObjectType(type) ? type.name : name.length % 2 === 0 ? 'Item' : 'Other', name }
}
