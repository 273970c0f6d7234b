import { type FieldNode, type GraphQLField, getArgumentValues, Kind, type ValueNode } from 'graphql'
import type { Run, Variables } from './run.ts'

type Values = ReturnType<typeof getArgumentValues>

export type Arguments = (run: Run) => Values

/**
 * What a field is given: found out once where no variable is in it, and once for each set of variables where these are to be `executedAgain`. Throws what
 * graphql throws for an argument that does not fit.
 */
export function argumentsOf(
  field: GraphQLField,
  node: FieldNode,
  hideSuggestions: boolean,
  executedAgain: boolean,
): Arguments {
  const valuesWith = (variables: Variables) => getArgumentValues(field, node, variables, undefined, hideSuggestions)
  if (!node.arguments?.some(({ value }) => hasVariable(value))) return constant(valuesWith)
  return executedAgain ? remembered(valuesWith) : run => valuesWith(run.variables)
}

function constant(valuesWith: (variables: Variables) => Values): Arguments {
  let values: Values | undefined
  return run => {
    values ??= valuesWith(run.variables)
    return values
  }
}

function remembered(valuesWith: (variables: Variables) => Values): Arguments {
  const known = new WeakMap<Variables, Values>()
  return ({ variables }) => {
    let values = known.get(variables)
    if (values === undefined) {
      values = valuesWith(variables)
      known.set(variables, values)
    }
    return values
  }
}

function hasVariable(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(hasVariable)
  if (value.kind === Kind.OBJECT) return value.fields.some(field => hasVariable(field.value))
  return value.kind === Kind.VARIABLE
}
