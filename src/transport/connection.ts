import type { Duplex } from 'node:stream'
import type { Server } from 'graphql-ws'
import type { RawData, WebSocket } from 'ws'
import { TokenError } from '../auth/token-error.ts'
import type { Clock } from '../domain/clock.ts'
import { RequestError } from '../domain/errors.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Engine } from '../graphql/engine.ts'
import type { Logger } from '../observe/logger.ts'
import { readBearer } from './bearer.ts'
import { CLOSE, type CloseCode } from './close-codes.ts'
import { keepAlive } from './keep-alive.ts'
import { createOperations } from './operations.ts'
import type { TransportOptions } from './options.ts'
import { createOutbound } from './outbound.ts'
import type { Presence } from './presence-hooks.ts'
import type { Peer } from './protocol.ts'
import { type Authenticate, createSession, type OpenSession } from './session.ts'
import type { SocketCount } from './socket-count.ts'
import type { TurnEnd } from './turn-end.ts'

/** One WebSocket, from its upgrade to its close. */
export interface Connection {
  /** Hangs up; the reason is for people who read logs. */
  hangUp(code: CloseCode, reason: string): void
  /** Ends it as a server does that goes away: what runs is finished first, for at most `graceMs`. */
  drain(graceMs: number): Promise<void>
}

export interface ConnectionContext {
  readonly engine: Engine
  readonly authenticate: Authenticate
  readonly clock: Clock
  readonly logger: Logger
  readonly options: TransportOptions
  readonly presence: Presence
  readonly protocol: Server<Peer>
  readonly perUser: SocketCount
  readonly turnEnd: TurnEnd
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
  const { clock, logger, options, presence, perUser } = context
  let session: OpenSession | undefined
  let hungUp = false

  const hangUp = (code: number, reason: string) => {
    if (socket.readyState !== socket.OPEN) return
    hungUp = true
    // A close frame carries at most 123 bytes of reason.
    socket.close(code, Buffer.byteLength(reason) > 123 ? '' : reason)
    // The answer to it is to be read.
    socket.resume()
  }

  const outbound = createOutbound({
    socket,
    stream,
    clock,
    turnEnd: context.turnEnd,
    markBytes: options.outboundMarkBytes,
    stallMs: options.stallMs,
    onStall() {
      hangUp(CLOSE.TRY_LATER, 'The client does not read')
      // The close frame waits behind all that the client does not read.
      clock.after(options.stallMs, () => socket.terminate())
    },
  })
  const operations = createOperations({
    engine: context.engine,
    outbound,
    caller: () => ({ viewer: known().viewer, session: known() }),
    maxSubscriptions: options.maxSubscriptionsPerSocket,
    onSettled: () => throttle(),
  })
  const stopPinging = keepAlive(socket, clock, options.pingIntervalMs)
  const cancelInitTimer = clock.after(options.initTimeoutMs, () =>
    hangUp(CLOSE.INIT_TIMEOUT, 'Connection initialisation timeout'),
  )

  const known = (): OpenSession => {
    if (session === undefined) throw new Error('An operation began on a socket that is not known.')
    return session
  }

  /** A client that asks for more than it reads, or than the server can run at once, is not read from until that is over. */
  const throttle = () => {
    if (socket.readyState !== socket.OPEN) return
    if (outbound.aboveMark) {
      socket.pause()
      outbound.onDrain(throttle)
    } else if (operations.running >= options.maxRunningPerSocket) socket.pause()
    else if (socket.isPaused) socket.resume()
  }

  const open = (viewer: Viewer): boolean => {
    // The socket may have closed, or sent a second connection_init, while its token was verified.
    if (socket.readyState !== socket.OPEN) return false
    if (!perUser.take(viewer)) {
      // A stock client does not come back after 4429: one that did would only be refused again, for ever.
      hangUp(CLOSE.TOO_MANY, `More than ${options.maxSocketsPerUser} sockets of one user`)
      return false
    }
    const { authenticate } = context
    const onExpire = () => hangUp(CLOSE.EXPIRED, 'The token has expired')
    session = createSession({ viewer, authenticate, clock, onExpire })
    presence.onConnect(viewer, id)
    onKnown()
    return true
  }

  const peer: Peer = {
    greeted: cancelInitTimer,
    async connect(parameters) {
      try {
        const token = readBearer(parameters?.['authorization'] ?? parameters?.['Authorization'])
        return open(await context.authenticate(token))
      } catch (error) {
        const [code, reason] = closeOf(error)
        if (code === CLOSE.INTERNAL) logger.error({ error }, 'A socket could not be opened')
        hangUp(code, reason)
        return false
      }
    },
    async begin(operationId, request) {
      if (Buffer.byteLength(operationId) > options.maxOperationIdBytes) {
        const message = `An operation id has at most ${options.maxOperationIdBytes} bytes.`
        hangUp(CLOSE.BAD_REQUEST, message)
        return [context.engine.mask(new RequestError('BAD_USER_INPUT', message))]
      }
      presence.onActivity(known().viewer, id)
      return operations.begin(operationId, request)
    },
  }

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
    peer,
  )

  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary) return hangUp(CLOSE.UNSUPPORTED_DATA, 'Text frames only')
    if (socket.readyState !== socket.OPEN) return
    receive(data.toString()).catch((error: unknown) => {
      // graphql-ws throws for a message that only a server sends.
      const isClients = error instanceof Error && error.message.startsWith('Unexpected message of type')
      if (!isClients) logger.error({ error }, 'A message could not be handled')
      hangUp(isClients ? CLOSE.BAD_REQUEST : CLOSE.INTERNAL, 'Invalid message received')
    })
    throttle()
  })
  socket.on('error', error => logger.debug({ error, connection: id }, 'A socket failed'))
  socket.once('close', (code, reason) => {
    cancelInitTimer()
    stopPinging()
    operations.close()
    outbound.close()
    closed(code, reason.toString()).catch((error: unknown) => logger.error({ error }, 'A socket did not close well'))
    onKnown()
    if (session === undefined) return
    session.close()
    perUser.release(session.viewer)
    // 1006: the network went, not the client. A close of ours is no goodbye either: the client is expected back.
    presence.onDisconnect(session.viewer, id, code !== 1006 && !hungUp)
  })

  return {
    hangUp,
    async drain(graceMs) {
      if (socket.readyState === socket.CLOSED) return
      const gone = new Promise<void>(resolve => socket.once('close', () => resolve()))
      const cancel = clock.after(graceMs, () => hangUp(CLOSE.RESTARTING, 'The server is restarting'))
      await Promise.race([operations.finish(), gone])
      // graphql-ws writes the last answer within the turn that made it.
      await new Promise<void>(resolve => context.turnEnd.add(resolve))
      cancel()
      hangUp(CLOSE.RESTARTING, 'The server is restarting')
      await gone
    },
  }
}

function closeOf(error: unknown): readonly [CloseCode, string] {
  if (!(error instanceof TokenError)) return [CLOSE.INTERNAL, 'Internal server error']
  if (error.reason === 'expired') return [CLOSE.EXPIRED, 'The token has expired']
  if (error.reason === 'unavailable') return [CLOSE.TRY_LATER, 'Tokens cannot be verified now']
  return [CLOSE.UNAUTHORIZED, error.reason === 'missing' ? 'A token is required' : 'The token is not valid']
}
