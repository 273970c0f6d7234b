import type { ConstDirectiveNode, GraphQLField, GraphQLSchema } from 'graphql'

/** The fields of the mutation root. */
export function mutationFields(schema: GraphQLSchema): GraphQLField[] {
  return Object.values(schema.getMutationType()?.getFields() ?? {})
}

/** The directive of that name where the field is defined. */
export function directiveOf(field: GraphQLField, name: string): ConstDirectiveNode | undefined {
  return field.astNode?.directives?.find(directive => directive.name.value === name)
}
