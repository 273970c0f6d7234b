import type { WebSocket } from 'ws'
import { RequestError } from '../../domain/errors.ts'
import { CLOSE, type CloseCode } from './close-codes.ts'
import type { ConnectionContext } from './connection-context.ts'
import { identify } from './handshake.ts'
import type { Operations } from './operations.ts'
import type { Peer } from './protocol.ts'
import type { Standing } from './standing.ts'

export interface PeerRequest {
  readonly context: Pick<ConnectionContext, 'authenticate' | 'engine' | 'logger' | 'options' | 'presence'>
  readonly id: string
  readonly socket: WebSocket
  readonly standing: Standing
  readonly operations: Operations
  readonly hangUp: (code: CloseCode, reason: string) => void
  /** connection_init has come. */
  readonly onGreeted: () => void
}

/** One socket as the protocol sees it. */
export function createPeer({ context, id, socket, standing, operations, hangUp, onGreeted }: PeerRequest): Peer {
  const { authenticate, engine, logger, options, presence } = context

  return {
    greeted: onGreeted,
    async connect(parameters) {
      const answer = await identify(authenticate, parameters, logger)
      // The socket may have closed, or sent a second connection_init, while its token was verified.
      if ('userId' in answer) return socket.readyState === socket.OPEN && standing.open(answer)
      hangUp(answer.code, answer.reason)
      return false
    },
    async begin(operationId, request) {
      if (Buffer.byteLength(operationId) > options.maxOperationIdBytes) {
        const message = `An operation id has at most ${options.maxOperationIdBytes} bytes.`
        hangUp(CLOSE.BAD_REQUEST, message)
        return [engine.mask(new RequestError('BAD_USER_INPUT', message))]
      }
      presence.onActivity(standing.caller().viewer, id)
      return operations.begin(operationId, request)
    },
  }
}
