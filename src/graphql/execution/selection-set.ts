import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLAbstractType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  isAbstractType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql'
import { argumentsOf } from './arguments.ts'
import { collectFields, type Selecting } from './collect-fields.ts'
import { executeFields, type Field, type Fields } from './fields.ts'
import type { Place, Step } from './place.ts'
import { type Complete, type Composite, settling } from './value.ts'

export interface Compiling extends Selecting {
  /** What the `info` of all fields has in common. */
  readonly info: Partial<GraphQLResolveInfo>
  /** Whether it is executed over and over with the same variables, as a subscription is. */
  readonly executedAgain: boolean
  /** Told of every field that is compiled. */
  onField(): void
}

/** What selection sets show of objects of that type. Throws what `collectFields` throws. */
export function fieldsOf(
  compiling: Compiling,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
  above: Step | undefined,
): Fields {
  const keys: [string, unknown][] = []
  const executed: Field[] = []
  for (const [key, nodes] of collectFields(compiling, type, selectionSets)) {
    const [node] = nodes
    const isTypename = node?.name.value === '__typename'
    keys.push([key, isTypename ? type.name : null])
    if (node !== undefined && !isTypename) executed.push(fieldOf(compiling, type, key, node, nodes, above))
  }
  return { template: Object.fromEntries(keys), executed }
}

function fieldOf(
  compiling: Compiling,
  parentType: GraphQLObjectType,
  key: string,
  node: FieldNode,
  nodes: readonly FieldNode[],
  above: Step | undefined,
): Field {
  const definition = compiling.schema.getField(parentType, node.name.value)
  if (definition === undefined) throw new Error('A valid document has an unknown field.')
  const { name: fieldName, type: returnType, resolve = defaultFieldResolver } = definition
  compiling.onField()
  const own = { fieldName, fieldNodes: nodes, returnType, parentType }
  const info: GraphQLResolveInfo = Object.assign(Object.create(compiling.info), own)
  const given = argumentsOf(definition, node, compiling.hideSuggestions, compiling.executedAgain)
  const place: Place = { step: { prev: above, key }, nodes, info }
  const { settle, fail } = settling(returnType, place, compositeOf(compiling))
  return {
    key,
    execute(run, source, at) {
      let value: unknown
      try {
        value = resolve(source, given(run), run.context, info)
      } catch (error) {
        return fail(run, error, at)
      }
      return settle(run, value, at)
    },
  }
}

/** What is selected of a type is found out when the first value of it comes: much of a long document is never reached. */
function compositeOf(compiling: Compiling): Composite {
  return (type, place) => {
    const selectionSets = place.nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
    const fieldsOfType = (concrete: GraphQLObjectType) => fieldsOf(compiling, concrete, selectionSets, place.step)
    if (isObjectType(type)) return objectCompleting(() => fieldsOfType(type))
    if (!isAbstractType(type)) throw new TypeError(`${type} has no fields.`)
    return abstractCompleting(compiling, type, place.info, fieldsOfType)
  }
}

function objectCompleting(compile: () => Fields): Complete {
  let fields: Fields | undefined
  return (run, value, at) => {
    fields ??= compile()
    return executeFields(fields, run, value, at)
  }
}

function abstractCompleting(
  { schema }: Compiling,
  type: GraphQLAbstractType,
  info: GraphQLResolveInfo,
  compile: (concrete: GraphQLObjectType) => Fields,
): Complete {
  const known = new Map<unknown, Fields>()
  return (run, value, at) => {
    const name = type.resolveType?.(value, run.context, info, type)
    let fields = known.get(name)
    if (fields === undefined) {
      const concrete = typeof name === 'string' ? schema.getType(name) : undefined
      if (!isObjectType(concrete) || !schema.isSubType(type, concrete)) {
        throw new TypeError(`A ${type} does not say at once of which type it is.`)
      }
      fields = compile(concrete)
      known.set(name, fields)
    }
    return executeFields(fields, run, value, at)
  }
}
