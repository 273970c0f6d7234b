import type { FragmentDefinitionNode, GraphQLResolveInfo, GraphQLSchema, OperationDefinitionNode } from 'graphql'

/** What the `info` of all fields of an operation has in common. What differs from one execution to the next is not there to be read. */
export function commonInfo(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
): Partial<GraphQLResolveInfo> {
  const unknown = (): never => {
    throw new Error('A resolver asks its info of the execution: a plan has one for all of them.')
  }
  return {
    schema,
    operation,
    fragments,
    get path() {
      return unknown()
    },
    get rootValue() {
      return unknown()
    },
    get variableValues() {
      return unknown()
    },
    getAbortSignal: unknown,
    getAsyncHelpers: unknown,
  }
}
