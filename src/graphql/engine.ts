import type { DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema, OperationTypeNode } from 'graphql'
import type { Viewer } from '../domain/viewer.ts'
import type { Sink, Subscription } from '../stream/sink.ts'

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
