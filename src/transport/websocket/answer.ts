import type { ExecutionResult, GraphQLError } from 'graphql'
import type { Engine } from '../../graphql/engine.ts'

/** The result of a query or mutation, byte for byte as graphql-ws writes it. A result that cannot be written is an error like any other. */
export function answerMessage(operationId: string, result: ExecutionResult, mask: Engine['mask']): string {
  return `{"id":${JSON.stringify(operationId)},"type":"next","payload":${payloadOf(result, mask)}}`
}

export function completeMessage(operationId: string): string {
  return `{"id":${JSON.stringify(operationId)},"type":"complete"}`
}

/** The end of an operation that is refused, or that fails. */
export function errorMessage(operationId: string, errors: readonly GraphQLError[]): string {
  return `{"id":${JSON.stringify(operationId)},"type":"error","payload":${JSON.stringify(errors)}}`
}

function payloadOf(result: ExecutionResult, mask: Engine['mask']): string {
  try {
    return JSON.stringify(result.errors === undefined ? result : errorsLast(result))
  } catch (error) {
    return JSON.stringify({ errors: [mask(error)] })
  }
}

/** Whatever the engine's order is. */
function errorsLast({ errors, ...rest }: ExecutionResult): object {
  return { ...rest, errors }
}
