import type { ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql'
import type { Limiter } from '../limits/limiter.ts'
import type { Logger } from '../observe/logger.ts'
import type { Services } from '../services/services.ts'
import type { Store } from '../store/store.ts'
import type { Sink, Subscription } from '../stream/sink.ts'
import type { ContextSources } from './context.ts'
import { createMask } from './errors.ts'
import { createExecute } from './execute.ts'
import { createPlans } from './execution/plan.ts'
import { createGate } from './gate.ts'
import { GATE_LIMITS, type GateLimits } from './gate-limits.ts'
import { limitEvents, peekAll } from './limits.ts'
import type { Admitted, Caller, OperationRequest } from './operation.ts'
import { createSchema } from './schema.ts'
import { createSelections } from './selection.ts'
import { createSubscribe } from './subscribe.ts'

export type { Admitted, Caller, OperationRequest, Session } from './operation.ts'

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
  const sources: ContextSources = {
    services,
    store,
    maxAnswerLength: limits.maxAnswerLength,
    limitsOf: viewer => peekAll(limiter, events, viewer),
  }
  const mask = createMask(logger)
  const plans = createPlans(schema, production)
  const selections = createSelections(schema, plans, sources, mask)
  return {
    schema,
    admit: createGate({ schema, limits, production, mask }),
    execute: createExecute({ schema, plans, sources, production, mask }),
    subscribe: createSubscribe({ schema, services, selections, production, mask }),
    mask,
  }
}
