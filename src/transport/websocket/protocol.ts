import { makeServer, type Server } from 'graphql-ws'
import type { OperationRequest } from '../../graphql/engine.ts'
import type { Register } from './operation.ts'

/** What the protocol asks of one socket. No call may throw or reject: graphql-ws would close the socket with 4500. */
export interface Peer {
  /** Whether the socket may go on; it has been closed when not. */
  connect(parameters: Readonly<Record<string, unknown>> | undefined): Promise<boolean>
  begin(register: Register, id: string, request: OperationRequest): void
  /** connection_init has come. */
  greeted(): void
}

/**
 * graphql-ws owns the protocol: handshake, states and ids. The engine's gate and our own operations do the work, and all that an operation says goes around
 * graphql-ws: waiting for results, it would hold a subscribe message, its text and all that it made of them for as long as the operation lives, 2 KB for each; and
 * it would say the errors of a refused one after its id may have been given to another. So graphql-ws never executes, and knows no schema.
 */
export function createProtocol(): Server<Peer> {
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
    onSubscribe(context, id, payload) {
      context.extra.begin(context, id, payload)
      return silence()
    },
  })
}

/**
 * What graphql-ws is told of every operation. Each call makes its own promise, which never settles and which nobody holds: so whoever waits for it is collected,
 * and with it the message that asked for the operation, its text and all that graphql-ws made of them.
 */
function silence(): Promise<never> {
  return new Promise<never>(never)
}

function never(): void {}
