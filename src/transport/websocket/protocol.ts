import { type ExecutionArgs, GraphQLError, type GraphQLSchema } from 'graphql'
import { makeServer, type OperationResult, type Server } from 'graphql-ws'
import type { OperationRequest } from '../../graphql/engine.ts'
import type { Begun } from './operations.ts'

/** What the protocol asks of one socket. Neither call may reject: graphql-ws would close the socket with 4500. */
export interface Peer {
  /** Whether the socket may go on; it has been closed when not. */
  connect(parameters: Readonly<Record<string, unknown>> | undefined): Promise<boolean>
  begin(id: string, request: OperationRequest): Promise<Begun | readonly GraphQLError[]>
  /** connection_init has come. */
  greeted(): void
}

/**
 * graphql-ws owns the protocol: handshake, states, `error` and `complete`. The engine's gate and our own operations do the work, and the bytes of a subscription's `next` go around it.
 */
export function createProtocol(schema: GraphQLSchema): Server<Peer> {
  const begun = new WeakMap<ExecutionArgs, Begun>()
  const run = (args: ExecutionArgs): OperationResult =>
    begun.get(args)?.run() ?? { errors: [new GraphQLError('The operation was never begun.')] }

  return makeServer<Record<string, unknown>, Peer>({
    // The time for connection_init is measured by our own clock.
    connectionInitWaitTimeout: 0,
    onConnect({ extra: peer, connectionParams }) {
      peer.greeted()
      return peer.connect(connectionParams)
    },
    async onSubscribe({ extra: peer }, id, payload) {
      const answer = await peer.begin(id, payload)
      if (!('run' in answer)) return answer
      const { document, request } = answer.admitted
      const args: ExecutionArgs = { schema, document, operationName: request.operationName ?? null, rootValue: null }
      begun.set(args, answer)
      return args
    },
    execute: run,
    subscribe: run,
    // graphql-ws wraps what ends a subscription; what it wraps is the masked error already.
    onError: (_context, _id, _payload, errors) =>
      errors.map(error => (error.cause instanceof GraphQLError ? error.cause : error).toJSON()),
  })
}
