import { type RawData, WebSocket } from 'ws'

/** What is told of a socket that carries it. */
export interface Carried {
  read(data: RawData, isBinary: boolean): void
  /** A ping was answered. */
  answered(): void
  failed(error: Error): void
  closed(code: number, reason: Buffer): void
}

/** A WebSocket that knows what it carries: so its listeners exist once, and not once for each socket. */
export class CarryingSocket extends WebSocket {
  carried: Carried | null = null

  /** Once. */
  carry(carried: Carried): void {
    this.carried = carried
    this.on('message', onMessage)
    this.on('pong', onPong)
    this.on('error', onError)
    this.on('close', onClose)
  }
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  carriedBy(this)?.read(data, isBinary)
}

function onPong(this: WebSocket): void {
  carriedBy(this)?.answered()
}

function onError(this: WebSocket, error: Error): void {
  carriedBy(this)?.failed(error)
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  carriedBy(this)?.closed(code, reason)
}

function carriedBy(socket: WebSocket): Carried | null {
  return socket instanceof CarryingSocket ? socket.carried : null
}
