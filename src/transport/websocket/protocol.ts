import { makeServer, type Server } from 'graphql-ws'
import type { OperationRequest } from '../../graphql/engine.ts'
import type { Register } from './operation.ts'
import type { Beginning } from './operations.ts'

/** What the protocol asks of one socket. No call may throw or reject: graphql-ws would close the socket with 4500. */
export interface Peer {
  /** Whether the socket may go on; it has been closed when not. */
  connect(parameters: Readonly<Record<string, unknown>> | undefined): Promise<boolean>
  begin(register: Register, id: string, request: OperationRequest): Beginning
  /** connection_init has come. */
  greeted(): void
}

/**
 * graphql-ws owns the protocol: handshake, states, ids, and the errors of what is refused. The engine's gate and our own operations do the work, and what an
 * operation says goes around it: waiting for results, it would hold a subscribe message, its text and all that it made of them for as long as the operation lives,
 * 2 KB for each. So graphql-ws never executes, and knows no schema.
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
    onSubscribe: (context, id, payload) => context.extra.begin(context, id, payload),
  })
}
