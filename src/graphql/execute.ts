import { type ExecutionResult, executeRootSelectionSet, type GraphQLSchema, validateExecutionArgs } from 'graphql'
import { type ContextSources, requestContext } from './context.ts'
import { badVariable, type Mask } from './errors.ts'
import type { Admitted, Caller } from './operation.ts'

/** Runs queries and mutations as `Engine.execute` says it. */
export function createExecute(options: {
  readonly schema: GraphQLSchema
  readonly sources: ContextSources
  readonly production: boolean
  readonly mask: Mask
}): (admitted: Admitted, caller: Caller) => Promise<ExecutionResult> {
  const { schema, sources, production, mask } = options
  return async ({ request, document }, caller) => {
    const contextValue = requestContext(sources, caller)
    try {
      const validated = validateExecutionArgs({
        schema,
        document,
        variableValues: request.variables,
        operationName: request.operationName,
        contextValue,
        hideSuggestions: production,
      })
      if (!('schema' in validated)) return { errors: validated.map(error => badVariable(error, production)) }
      const { data, errors } = await executeRootSelectionSet(validated)
      const { exceeded } = contextValue.allowance
      if (exceeded !== undefined) return { errors: [mask(exceeded)] }
      return { ...(data === undefined ? {} : { data }), ...(errors === undefined ? {} : { errors: errors.map(mask) }) }
    } catch (error) {
      return { errors: [mask(error)] }
    }
  }
}
