import type { DocumentNode, OperationDefinitionNode, OperationTypeNode } from 'graphql'
import type { Viewer } from '../domain/viewer.ts'

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
  /** The one of the document that the request means. */
  readonly operation: OperationDefinitionNode
}
