import { type ExecutionResult, type GraphQLSchema, getVariableValues, OperationTypeNode } from 'graphql'
import { type ContextSources, RequestContext } from './context.ts'
import { badVariable, type Mask } from './errors.ts'
import type { Plans } from './execution/plan.ts'
import type { Admitted, Caller } from './operation.ts'
import { mayShowPosition } from './shown-position.ts'

/** How many bad variables are told at once: as many as graphql tells by itself. */
const MAX_BAD_VARIABLES = 50

/** Runs queries and mutations as `Engine.execute` says it. */
export function createExecute(options: {
  readonly schema: GraphQLSchema
  readonly plans: Plans
  readonly sources: ContextSources
  readonly production: boolean
  readonly mask: Mask
}): (admitted: Admitted, caller: Caller) => Promise<ExecutionResult> {
  const { schema, plans, sources, production, mask } = options
  const coercion = { maxErrors: MAX_BAD_VARIABLES, hideSuggestions: production }
  return async ({ request, document, operation }, caller) => {
    try {
      const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], request.variables ?? {}, coercion)
      if (coerced.errors !== undefined) return { errors: coerced.errors.map(error => badVariable(error, production)) }
      const context = new RequestContext(sources, caller)
      // What fails is told by the field.
      if (operation.operation === OperationTypeNode.QUERY && mayShowPosition(document))
        await context.position().catch(() => undefined)
      const { data, errors } = await plans(document, operation).execute(coerced.variableValues, undefined, context)
      const { exceeded } = context.allowance
      if (exceeded !== undefined) return { errors: [mask(exceeded)] }
      return errors === undefined ? { data } : { data, errors: errors.map(mask) }
    } catch (error) {
      return { errors: [mask(error)] }
    }
  }
}
