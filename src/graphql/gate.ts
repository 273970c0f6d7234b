import { type DocumentNode, type GraphQLError, type GraphQLSchema, Kind, type OperationDefinitionNode } from 'graphql'
import { RequestError } from '../domain/errors.ts'
import { checkCost, costOf } from './cost.ts'
import { createDocuments } from './documents.ts'
import { copyOf, type Mask } from './errors.ts'
import type { GateLimits } from './gate-limits.ts'
import { findNestingFault } from './nesting.ts'
import type { Admitted, OperationRequest } from './operation.ts'

/** The one door: what comes through may be executed. Returns every error, each with `extensions.code`. Never throws. */
export function createGate(options: {
  readonly schema: GraphQLSchema
  readonly limits: GateLimits
  readonly production: boolean
  readonly mask: Mask
}): (request: OperationRequest) => Admitted | readonly GraphQLError[] {
  const { schema, limits, production, mask } = options
  const read = createDocuments(schema, limits, production)
  const affordable = new WeakSet<OperationDefinitionNode>()

  const checkOperation = (document: DocumentNode, operation: OperationDefinitionNode, variables: Variables) => {
    if (affordable.has(operation)) return
    let constant = true
    const onVariable = () => {
      constant = false
    }
    checkCost(costOf(schema, document, operation, variables, onVariable), limits)
    if (constant) affordable.add(operation)
  }

  return request => {
    try {
      const variables = checkVariables(request.variables)
      const reading = read(request.query)
      if ('errors' in reading) return reading.errors.map(copyOf)
      const { document } = reading
      const operation = pickOperation(document, request.operationName)
      checkOperation(document, operation, variables)
      return { kind: operation.operation, request, document, operation }
    } catch (error) {
      return [mask(error)]
    }
  }
}

type Variables = Readonly<Record<string, unknown>>

/** The operation that the request means. Throws `RequestError` BAD_USER_INPUT when there is none, or no telling which. */
function pickOperation(document: DocumentNode, name: string | null | undefined): OperationDefinitionNode {
  const operations = document.definitions.filter(node => node.kind === Kind.OPERATION_DEFINITION)
  const wanted = name == null ? operations : operations.filter(operation => operation.name?.value === name)
  const [operation, ...others] = wanted
  if (operation === undefined) throw badInput('The document has no such operation.')
  if (others.length > 0) throw badInput('The document has several operations: operationName says which.')
  return operation
}

function checkVariables(variables: unknown): Variables {
  if (variables == null) return {}
  if (typeof variables !== 'object' || Array.isArray(variables)) throw badInput('Variables must be an object.')
  const fault = findNestingFault(variables)
  if (fault !== undefined) throw badInput(fault)
  return variables as Variables
}

function badInput(message: string): RequestError {
  return new RequestError('BAD_USER_INPUT', message)
}
