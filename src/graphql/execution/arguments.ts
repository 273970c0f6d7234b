import { type FieldNode, type GraphQLField, getArgumentValues, Kind, type ValueNode } from 'graphql'
import type { Run } from './run.ts'

export type Arguments = (run: Run) => ReturnType<typeof getArgumentValues>

/** What a field is given: found out once where no variable is in it. Throws what graphql throws for an argument that does not fit. */
export function argumentsOf(field: GraphQLField, node: FieldNode, hideSuggestions: boolean): Arguments {
  const valuesIn = ({ variables }: Run) => getArgumentValues(field, node, variables, undefined, hideSuggestions)
  if (node.arguments?.some(({ value }) => hasVariable(value))) return valuesIn
  let constant: ReturnType<Arguments> | undefined
  return run => {
    constant ??= valuesIn(run)
    return constant
  }
}

function hasVariable(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(hasVariable)
  if (value.kind === Kind.OBJECT) return value.fields.some(field => hasVariable(field.value))
  return value.kind === Kind.VARIABLE
}
