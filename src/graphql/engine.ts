import {
  type DocumentNode,
  type ExecutionResult,
  executeRootSelectionSet,
  type GraphQLError,
  type GraphQLSchema,
  type OperationTypeNode,
  validateExecutionArgs,
} from 'graphql'
import type { Viewer } from '../domain/viewer.ts'
import type { Limiter } from '../limits/limiter.ts'
import type { Logger } from '../observe/logger.ts'
import type { Services } from '../services/services.ts'
import type { Store } from '../store/store.ts'
import type { Sink, Subscription } from '../stream/sink.ts'
import { type ContextSources, requestContext } from './context.ts'
import { createMask, type Mask } from './errors.ts'
import { createGate } from './gate.ts'
import { GATE_LIMITS, type GateLimits } from './gate-limits.ts'
import { limitEvents, peekAll } from './limits.ts'
import { createSchema } from './schema.ts'
import { createSelections } from './selection.ts'
import { badVariable, createSubscribe } from './subscribe.ts'

/** A request as any transport received it. The fields are as the client sent them, of unknown shape but for `query`. */
export interface OperationRequest {
  readonly query: string
  readonly operationName?: string | null | undefined
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

/** Who is calling, and the open socket that the call came over, if any. */
export interface Caller {
  readonly viewer: Viewer
  readonly session: Session | null
}

/** An open socket's standing: what `refreshSession` changes. */
export interface Session {
  /** Puts the socket under a new token of the same user and tenant. Rejects with `Refusal`: INVALID for a bad token, FORBIDDEN for somebody else's. */
  refresh(token: string): Promise<Viewer>
}

/** A request that passed the gate. */
export interface Admitted {
  readonly kind: OperationTypeNode
  readonly request: OperationRequest
  readonly document: DocumentNode
}

/** GraphQL as the transports see it: the same gate and the same execution for POST, GET, SSE and WebSocket. No error that leaves here tells of the inside. */
export interface Engine {
  readonly schema: GraphQLSchema
  /** Parses, counts, validates and picks the operation; documents are cached. Returns every error, each with `extensions.code`. */
  admit(request: OperationRequest): Admitted | readonly GraphQLError[]
  /** Runs a query or a mutation. Never rejects. */
  execute(admitted: Admitted, caller: Caller): Promise<ExecutionResult>
  /**
   * Opens a subscription. `resumeAfter`, where given, wins over the request's `extensions.resumeAfter`, which wins over the argument `after`.
   * Resolves to the errors when it is refused.
   */
  subscribe(
    admitted: Admitted,
    caller: Caller,
    sink: Sink,
    resumeAfter?: string,
  ): Promise<Subscription | readonly GraphQLError[]>
  /** Any thrown thing as the error a client may see: a `RequestError` or `Refusal` by its code, everything else INTERNAL_SERVER_ERROR, logged. */
  mask(error: unknown): GraphQLError
}

export interface EngineOptions {
  readonly services: Services
  /** Read directly only below what a service or a stream authorised. */
  readonly store: Store
  readonly limiter: Limiter
  readonly logger: Logger
  /** What differs from `GATE_LIMITS`. */
  readonly limits?: Partial<GateLimits>
  /** Whether the schema is kept to itself: no introspection, no suggestion, no name of it in an error. */
  readonly production: boolean
}

/** Throws when the schema breaks a rule of its own. Holds nothing that must be closed. */
export function createEngine(options: EngineOptions): Engine {
  const { services, store, limiter, logger, production } = options
  const limits: GateLimits = { ...GATE_LIMITS, ...options.limits }
  const schema = createSchema(limiter)
  const events = limitEvents(schema)
  const sources: ContextSources = { services, store, limitsOf: viewer => peekAll(limiter, events, viewer) }
  const mask = createMask(logger)
  const selections = createSelections(schema, sources, mask)
  return {
    schema,
    admit: createGate({ schema, limits, production, mask }),
    execute: createExecute({ schema, sources, production, mask }),
    subscribe: createSubscribe({ schema, services, selections, production, mask }),
    mask,
  }
}

function createExecute(options: {
  readonly schema: GraphQLSchema
  readonly sources: ContextSources
  readonly production: boolean
  readonly mask: Mask
}): Engine['execute'] {
  const { schema, sources, production, mask } = options
  return async ({ request, document }, caller) => {
    try {
      const validated = validateExecutionArgs({
        schema,
        document,
        variableValues: request.variables,
        operationName: request.operationName,
        contextValue: requestContext(sources, caller),
        hideSuggestions: production,
      })
      if (!('schema' in validated)) return { errors: validated.map(error => badVariable(error, production)) }
      const { data, errors } = await executeRootSelectionSet(validated)
      return { ...(data === undefined ? {} : { data }), ...(errors === undefined ? {} : { errors: errors.map(mask) }) }
    } catch (error) {
      return { errors: [mask(error)] }
    }
  }
}
