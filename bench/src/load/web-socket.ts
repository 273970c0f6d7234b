import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { clientFrame, createFrameReader } from './frames.ts'

/** A WebSocket client on a bare socket, for servers on this machine. */
export interface WebSocketClient {
  send(text: string): void
  /** Ends the connection without a word, as a network does that goes away. */
  destroy(): void
}

export interface WebSocketOptions {
  readonly port: number
  readonly path: string
  readonly subprotocol?: string | undefined
  largeFrom(): number
  onOpen(client: WebSocketClient): void
  onText(text: string): void
  onLarge(text: (() => string) | undefined): void
  /** It was refused or closed, and not by `destroy`. */
  onFail(error: Error): void
}

/** All sockets read into it: what is in it is used up before the next one reads. */
const READ_BUFFER = Buffer.allocUnsafe(262_144)
const CLOSE = 8
const PING = 9
const PONG = 10

export function openWebSocket(options: WebSocketOptions): void {
  let head: Buffer | undefined = Buffer.alloc(0)
  let destroyed = false
  const reader = createFrameReader({
    largeFrom: options.largeFrom,
    large: options.onLarge,
    text: options.onText,
    control(opcode, payload) {
      if (opcode === PING) socket.write(clientFrame(payload, PONG))
      if (opcode === CLOSE) fail(`closed by the server: ${closeWords(payload)}`)
    },
  })
  const client: WebSocketClient = {
    send: text => socket.write(clientFrame(text)),
    destroy() {
      destroyed = true
      socket.destroy()
    },
  }

  function fail(why: string): void {
    if (destroyed) return
    client.destroy()
    options.onFail(new Error(`A socket of the load failed: ${why}`))
  }

  /** Until the upgrade is answered, what comes is HTTP. */
  function handshake(chunk: Buffer, soFar: Buffer): void {
    const all = Buffer.concat([soFar, chunk])
    const end = all.indexOf('\r\n\r\n')
    if (end < 0) {
      head = all
      return
    }
    const status = all.toString('latin1', 0, all.indexOf('\r\n'))
    if (!status.startsWith('HTTP/1.1 101')) {
      fail(status)
      return
    }
    head = undefined
    options.onOpen(client)
    if (all.length > end + 4) reader.read(all.subarray(end + 4))
  }

  const socket: Socket = connect({
    host: '127.0.0.1',
    port: options.port,
    noDelay: true,
    onread: {
      buffer: READ_BUFFER,
      callback(count) {
        const chunk = READ_BUFFER.subarray(0, count)
        if (head === undefined) reader.read(chunk)
        else handshake(chunk, head)
        return true
      },
    },
  })
  socket.once('connect', () => socket.write(upgradeRequest(options)))
  socket.once('error', error => fail(error.message))
  socket.once('close', () => fail('closed without a word'))
}

function upgradeRequest({ port, path, subprotocol }: WebSocketOptions): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
    '\r\n',
  ].join('\r\n')
}

function closeWords(payload: Buffer): string {
  return payload.length < 2 ? 'no code' : `${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`
}
