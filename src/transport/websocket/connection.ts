import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Departing } from '../depart.ts'
import { CLOSE, type CloseCode, NO_GOODBYE } from './close-codes.ts'
import type { ConnectionContext } from './connection-context.ts'
import { createPeer } from './create-peer.ts'
import { readMessages } from './incoming.ts'
import { keepAlive } from './keep-alive.ts'
import { createOperations, type Operations } from './operations.ts'
import { Outbound } from './outbound.ts'
import { createStanding } from './standing.ts'

/** One WebSocket, from its upgrade to its close. */
export interface Connection extends Departing {
  /** Hangs up; the reason is for people who read logs. */
  hangUp(code: CloseCode, reason: string): void
}

export interface ConnectionRequest {
  readonly context: ConnectionContext
  readonly id: string
  readonly socket: WebSocket
  readonly stream: Duplex
  /** The socket has said who it is, or has closed. */
  readonly onKnown: () => void
}

export function createConnection({ context, id, socket, stream, onKnown }: ConnectionRequest): Connection {
  const { clock, logger, options } = context
  const gone = Promise.withResolvers<void>()
  let hungUp = false

  const hangUp = (code: number, reason: string) => {
    if (socket.readyState !== socket.OPEN) return
    hungUp = true
    outbound.flush()
    // A close frame carries at most 123 bytes of reason.
    socket.close(code, Buffer.byteLength(reason) > 123 ? '' : reason)
    // The answer to it is to be read.
    socket.resume()
  }

  const outbound = new Outbound({
    socket,
    stream,
    clock,
    turnEnd: context.turnEnd,
    markBytes: options.outboundMarkBytes,
    stallMs: options.stallMs,
    // The close frame waits behind what the client does not read: ws ends the socket when its close timeout has passed.
    onStall() {
      logger.info({ connection: id }, 'A client that reads nothing is closed')
      outbound.discard()
      hangUp(CLOSE.TRY_LATER, 'The client does not read')
    },
  })
  const standing = createStanding({ context, id, hangUp, onKnown })
  const operations = createOperations({
    engine: context.engine,
    outbound,
    caller: standing.caller,
    maxSubscriptions: options.maxSubscriptionsPerSocket,
    onSettled: () => throttle(),
  })
  const throttle = createThrottle(socket, outbound, operations, options.maxRunningPerSocket)
  const stopPinging = keepAlive(socket, clock, options.pingIntervalMs)
  const cancelInitTimer = clock.after(options.initTimeoutMs, () =>
    hangUp(CLOSE.INIT_TIMEOUT, 'Connection initialisation timeout'),
  )

  let receive = async (_message: string) => {}
  const closed = context.protocol.opened(
    {
      protocol: socket.protocol,
      send: frame => outbound.send(frame),
      // graphql-ws closes for what a client did wrong; its 4403 follows a refusal that has closed the socket already.
      close: (code = CLOSE.INTERNAL, reason = '') => hangUp(code, reason),
      onMessage(listener) {
        receive = listener
      },
    },
    createPeer({ context, id, socket, standing, operations, hangUp, onGreeted: cancelInitTimer }),
  )

  readMessages(socket, { receive: message => receive(message), hangUp, logger, onRead: throttle })
  socket.on('error', error => logger.debug({ error, connection: id }, 'A socket failed'))
  socket.once('close', (code, reason) => {
    gone.resolve()
    cancelInitTimer()
    stopPinging()
    operations.close()
    outbound.close()
    closed(code, reason.toString()).catch((error: unknown) => logger.error({ error }, 'A socket did not close well'))
    onKnown()
    // A close of ours is no goodbye either: the client is expected back.
    standing.close(!NO_GOODBYE.includes(code) && !hungUp)
  })

  const draining = {
    context,
    operations,
    gone: gone.promise,
    restart: () => hangUp(CLOSE.RESTARTING, 'The server is restarting'),
  }
  return { hangUp, gone: gone.promise, drain: graceMs => drain({ ...draining, graceMs }) }
}

/** A client that asks for more than it reads, or than the server can run at once, is not read from until that is over. */
function createThrottle(socket: WebSocket, outbound: Outbound, operations: Operations, maxRunning: number) {
  return function throttle(): void {
    if (socket.readyState !== socket.OPEN) return
    if (outbound.aboveMark) {
      socket.pause()
      outbound.onDrain(throttle)
    } else if (operations.running >= maxRunning) socket.pause()
    else if (socket.isPaused) socket.resume()
  }
}

async function drain(draining: {
  readonly context: ConnectionContext
  readonly operations: Operations
  readonly gone: Promise<void>
  readonly restart: () => void
  readonly graceMs: number
}): Promise<void> {
  const { context, operations, gone, restart } = draining
  const cancel = context.clock.after(draining.graceMs, restart)
  await Promise.race([operations.finish(), gone])
  // graphql-ws writes the last answer within the turn that made it.
  await new Promise<void>(resolve => context.turnEnd.add(resolve))
  cancel()
  restart()
  await gone
}
