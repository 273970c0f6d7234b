import type { Duplex } from 'node:stream'
import type { WebSocket as Port } from 'graphql-ws'
import type { RawData } from 'ws'
import type { Caller } from '../../graphql/engine.ts'
import type { Departing } from '../depart.ts'
import type { Carried, CarryingSocket } from './carrying-socket.ts'
import { CLOSE, NO_GOODBYE } from './close-codes.ts'
import type { ConnectionContext } from './connection-context.ts'
import { Operations, type Runner } from './operations.ts'
import { Outbound, type Reader } from './outbound.ts'
import { type Peered, SocketPeer } from './socket-peer.ts'
import { type Line, Standing } from './standing.ts'

export interface ConnectionRequest {
  readonly context: ConnectionContext
  readonly id: string
  readonly socket: CarryingSocket
  readonly stream: Duplex
  readonly list: ConnectionList
}

/** Where connections are listed. */
export interface ConnectionList {
  /** It has said who it is. */
  known(connection: Connection): void
  closed(connection: Connection): void
}

/** One WebSocket, from its upgrade to its close. A class, as is all that it is made of: there are very many, and each method is to exist once. */
export class Connection implements Departing, Carried, Line, Peered, Port, Reader, Runner {
  readonly context: ConnectionContext
  readonly id: string
  readonly standing: Standing
  readonly operations: Operations
  readonly #socket: CarryingSocket
  readonly #outbound: Outbound
  readonly #list: ConnectionList
  /** graphql-ws's listeners: for a message, and for the end. */
  #receive: ((message: string) => Promise<void>) | null = null
  readonly #end: (code: number, reason: string) => Promise<void>
  #hungUp = false
  #unanswered = 0
  #gone: PromiseWithResolvers<void> | null = null

  constructor({ context, id, socket, stream, list }: ConnectionRequest) {
    const { engine, options } = context
    this.context = context
    this.id = id
    this.#socket = socket
    this.#list = list
    this.#outbound = new Outbound({ socket, stream, context, reader: this })
    this.standing = new Standing({ context, id, line: this })
    const maxSubscriptions = options.maxSubscriptionsPerSocket
    this.operations = new Operations({ engine, outbound: this.#outbound, maxSubscriptions, socket: this })
    this.#end = context.protocol.opened(this, new SocketPeer(this))
    socket.carry(this)
    context.pings.join(this)
    context.greetings.join(this)
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  /** Hangs up; the reason is for people who read logs. */
  hangUp(code: number, reason: string): void {
    if (!this.isOpen) return
    this.#hungUp = true
    this.#outbound.flush()
    // A close frame carries at most 123 bytes of reason.
    this.#socket.close(code, Buffer.byteLength(reason) > 123 ? '' : reason)
    // The answer to it is to be read.
    this.#socket.resume()
  }

  /** Ends it without a word. */
  terminate(): void {
    this.#socket.terminate()
  }

  /** Two in a row without an answer end it. */
  ping(): void {
    if (this.#unanswered >= 2) {
      this.terminate()
      return
    }
    this.#unanswered += 1
    if (this.isOpen) this.#socket.ping()
    this.standing.lookAhead()
  }

  get gone(): Promise<void> {
    this.#gone ??= Promise.withResolvers()
    if (this.#socket.readyState === this.#socket.CLOSED) this.#gone.resolve()
    return this.#gone.promise
  }

  async drain(graceMs: number): Promise<void> {
    const restart = () => this.hangUp(CLOSE.RESTARTING, 'The server is restarting')
    const cancel = this.context.clock.after(graceMs, restart)
    await Promise.race([this.operations.finish(), this.gone])
    cancel()
    restart()
    await this.gone
  }

  /* What its parts ask of it. */

  onKnown(): void {
    this.#list.known(this)
  }

  caller(): Caller {
    return this.standing.caller()
  }

  onSettled(): void {
    this.#throttle()
  }

  /** The close frame waits behind what the client does not read: ws ends the socket when its close timeout has passed. */
  onStall(): void {
    this.context.logger.info({ connection: this.id }, 'A client that reads nothing is closed')
    this.#outbound.discard()
    this.hangUp(CLOSE.TRY_LATER, 'The client does not read')
  }

  /* As graphql-ws sees it. */

  get protocol(): string {
    return this.#socket.protocol
  }

  send(frame: string): void {
    this.#outbound.send(frame)
  }

  /** For what a client did wrong; graphql-ws's 4403 follows a refusal that has closed the socket already. */
  close(code: number = CLOSE.INTERNAL, reason = ''): void {
    this.hangUp(code, reason)
  }

  onMessage(listener: (message: string) => Promise<void>): void {
    this.#receive = listener
  }

  /* What its socket tells. */

  /** Hands text to graphql-ws, and hangs up on what it cannot take. */
  read(data: RawData, isBinary: boolean): void {
    if (!this.isOpen) return
    if (isBinary) {
      this.hangUp(CLOSE.UNSUPPORTED_DATA, 'Text frames only')
      return
    }
    this.#receive?.(data.toString()).catch((error: unknown) => {
      const isClients = isClientsFault(error)
      if (!isClients) this.context.logger.error({ error }, 'A message could not be handled')
      this.hangUp(isClients ? CLOSE.BAD_REQUEST : CLOSE.INTERNAL, 'Invalid message received')
    })
    this.#throttle()
  }

  answered(): void {
    this.#unanswered = 0
  }

  failed(error: Error): void {
    this.context.logger.debug({ error, connection: this.id }, 'A socket failed')
  }

  closed(code: number, reason: Buffer): void {
    const { logger, pings, greetings } = this.context
    this.#gone?.resolve()
    pings.leave(this)
    greetings.leave(this)
    this.operations.close()
    this.#outbound.close()
    this.#end(code, reason.toString()).catch((error: unknown) => logger.error({ error }, 'A socket did not close well'))
    this.#list.closed(this)
    // A close of ours is no goodbye either: the client is expected back.
    this.standing.close(!NO_GOODBYE.includes(code) && !this.#hungUp)
  }

  /** A client that asks for more than it reads, or than the server can run at once, is not read from until that is over. */
  #throttle(): void {
    const socket = this.#socket
    if (!this.isOpen) return
    if (this.#outbound.aboveMark) {
      socket.pause()
      this.#outbound.onDrain(() => this.#throttle())
    } else if (this.operations.running >= this.context.options.maxRunningPerSocket) socket.pause()
    else if (socket.isPaused) socket.resume()
  }
}

/** graphql-ws throws for a message that only a server sends, and JSON for a ping too deep to be given back. */
function isClientsFault(error: unknown): boolean {
  if (error instanceof RangeError) return true
  return error instanceof Error && error.message.startsWith('Unexpected message of type')
}
