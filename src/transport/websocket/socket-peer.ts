import type { OperationRequest } from '../../graphql/engine.ts'
import { CLOSE } from './close-codes.ts'
import type { ConnectionContext, Visited } from './connection-context.ts'
import { identify } from './handshake.ts'
import type { Register } from './operation.ts'
import type { Operations } from './operations.ts'
import type { Peer } from './protocol.ts'
import type { Standing } from './standing.ts'

export interface Peered extends Visited {
  readonly id: string
  readonly context: ConnectionContext
  readonly isOpen: boolean
  readonly standing: Standing
  readonly operations: Operations
}

/** One socket as the protocol sees it. */
export class SocketPeer implements Peer {
  readonly #connection: Peered

  constructor(connection: Peered) {
    this.#connection = connection
  }

  greeted(): void {
    this.#connection.context.greetings.leave(this.#connection)
  }

  async connect(parameters: Readonly<Record<string, unknown>> | undefined): Promise<boolean> {
    const { context, standing } = this.#connection
    const answer = await identify(context.authenticate, parameters, context.logger)
    // The socket may have closed, or sent a second connection_init, while its token was verified.
    if ('userId' in answer) return this.#connection.isOpen && standing.open(answer)
    this.#connection.hangUp(answer.code, answer.reason)
    return false
  }

  begin(register: Register, operationId: string, request: OperationRequest): void {
    const { id, context, standing, operations } = this.#connection
    const { options, presence } = context
    if (Buffer.byteLength(operationId) > options.maxOperationIdBytes) {
      const message = `An operation id has at most ${options.maxOperationIdBytes} bytes.`
      this.#connection.hangUp(CLOSE.BAD_REQUEST, message)
      return
    }
    presence.onActivity(standing.caller().viewer, id)
    operations.begin(register, operationId, request)
  }
}
