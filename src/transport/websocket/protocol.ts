import { type ExecutionArgs, GraphQLError, type GraphQLSchema } from 'graphql'
import { makeServer, type OperationResult, type Server } from 'graphql-ws'
import type { OperationRequest } from '../../graphql/engine.ts'
import { LiveOperation, type Register } from './operation.ts'
import { type Begun, silence } from './operations.ts'

/** What the protocol asks of one socket. Neither call may reject: graphql-ws would close the socket with 4500. */
export interface Peer {
  /** Whether the socket may go on; it has been closed when not. */
  connect(parameters: Readonly<Record<string, unknown>> | undefined): Promise<boolean>
  begin(id: string, request: OperationRequest): Promise<Begun | LiveOperation | readonly GraphQLError[]>
  /** connection_init has come. */
  greeted(): void
}

/**
 * graphql-ws owns the protocol: handshake, states, ids, and the answers to queries and mutations. The engine's gate and our own operations do the work, and what a
 * subscription says goes around it.
 */
export function createProtocol(schema: GraphQLSchema): Server<Peer> {
  const begun = new WeakMap<ExecutionArgs, Begun>()
  const run = (args: ExecutionArgs): OperationResult =>
    begun.get(args)?.run() ?? { errors: [new GraphQLError('The operation was never begun.')] }

  return makeServer<Record<string, unknown>, Peer>({
    // The time for connection_init is measured by our own clock.
    connectionInitWaitTimeout: 0,
    async onConnect(context) {
      const { extra: peer, connectionParams } = context
      peer.greeted()
      const mayGoOn = await peer.connect(connectionParams)
      // It holds the token, which nobody is to need again.
      Object.assign(context, { connectionParams: undefined })
      return mayGoOn
    },
    async onSubscribe(context, id, payload) {
      const answer = await context.extra.begin(id, payload)
      if (answer instanceof LiveOperation) return start(answer, context)
      if (!('run' in answer)) return answer
      const { document, request } = answer.admitted
      const args: ExecutionArgs = { schema, document, operationName: request.operationName ?? null, rootValue: null }
      begun.set(args, answer)
      return args
    },
    execute: run,
  })
}

/**
 * A subscription is entered where graphql-ws enters it itself, and graphql-ws then never hears how its subscribe message is to be gone on with: waiting for
 * results that it is not to see, it would hold that message, its text and all that it made of them for as long as the subscription lives, 2 KB for each.
 */
function start(operation: LiveOperation, register: Register): Promise<never> {
  if (operation.abandoned || !(operation.id in register.subscriptions)) operation.abandon()
  else operation.start(register)
  return silence()
}
