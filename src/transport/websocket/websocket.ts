import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { NewId } from '../../domain/ids.ts'
import type { Departing } from '../depart.ts'
import type { TransportOptions } from '../options.ts'
import { originAllowed } from '../origin.ts'
import { createRounds } from '../rounds.ts'
import { CarryingSocket } from './carrying-socket.ts'
import { ChunkMemory } from './chunk-memory.ts'
import { CLOSE } from './close-codes.ts'
import { Connection, type ConnectionList } from './connection.ts'
import type { ConnectionContext } from './connection-context.ts'
import { createProtocol } from './protocol.ts'
import { createTurnEnd } from './turn-end.ts'

const SUBPROTOCOL = 'graphql-transport-ws'
/** How long a closed socket may take to answer the close frame. */
const CLOSE_TIMEOUT_MS = 5_000

export interface WebSockets {
  /** Takes an upgrade request, or refuses it in HTTP. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void
  /** Sockets that are open. */
  readonly open: ReadonlySet<Departing>
  /** Refuses upgrades from now on. */
  refuse(): void
  close(): void
}

export interface WebSocketsRequest
  extends Pick<
    ConnectionContext,
    'engine' | 'authenticate' | 'watchToken' | 'clock' | 'logger' | 'presence' | 'perUser'
  > {
  readonly options: TransportOptions
  readonly newId: NewId
  /** Whether a commit is under way, here or at another node, which is about to give more to write. */
  readonly committing: () => boolean
}

export function createWebSockets(request: WebSocketsRequest): WebSockets {
  const { clock, newId, options } = request
  const context: ConnectionContext = {
    ...request,
    protocol: createProtocol(),
    chunkMemory: new ChunkMemory(),
    turnEnd: createTurnEnd({ clock, moreComes: request.committing }),
    pings: createRounds(clock, options.pingIntervalMs, socket => socket.ping()),
    greetings: createRounds(clock, options.initTimeoutMs, socket =>
      socket.hangUp(CLOSE.INIT_TIMEOUT, 'Connection initialisation timeout'),
    ),
  }
  const server = new WebSocketServer(serverOptions(options))
  const connections = new Set<Connection>()
  // In the order of their upgrades: the first has been silent for longest.
  const silent = new Set<Connection>()
  let refusing = false

  const list: ConnectionList = {
    known(connection) {
      silent.delete(connection)
    },
    closed(connection) {
      connections.delete(connection)
      silent.delete(connection)
    },
  }

  const accept = (socket: CarryingSocket, stream: Duplex) => {
    const connection = new Connection({ context, id: newId(), socket, stream, list })
    connections.add(connection)
    silent.add(connection)
    if (silent.size <= options.maxSilentSockets) return
    // A client that means it says who it is within moments, so that whoever fills the room with silence only displaces silence.
    const [oldest] = silent
    if (oldest !== undefined) silent.delete(oldest)
    oldest?.hangUp(CLOSE.INIT_TIMEOUT, 'Too many sockets have not said who they are')
  }

  return {
    upgrade(incoming, stream, head) {
      const refusal = refusing ? ('503 Service Unavailable' as const) : refusalOf(incoming, options)
      if (refusal !== undefined) return answer(stream, refusal)
      server.handleUpgrade(incoming, stream, head, socket => accept(socket, stream))
    },
    open: connections,
    refuse() {
      refusing = true
    },
    close() {
      refusing = true
      for (const connection of connections) connection.terminate()
      server.close()
    },
  }
}

function serverOptions(options: TransportOptions) {
  return {
    noServer: true,
    WebSocket: CarryingSocket,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: options.maxFrameBytes,
    maxFragments: options.maxFragments,
    closeTimeout: CLOSE_TIMEOUT_MS,
    handleProtocols: () => SUBPROTOCOL,
  }
}

/** The HTTP status that an upgrade request is refused with, before anything is allocated for it. */
function refusalOf(request: IncomingMessage, options: TransportOptions): string | undefined {
  const [path] = (request.url ?? '').split('?', 1)
  if (path !== '/graphql') return '404 Not Found'
  if (!originAllowed(request, options)) return '403 Forbidden'
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map(name => name.trim())
  return offered.includes(SUBPROTOCOL) ? undefined : '400 Bad Request'
}

function answer(stream: Duplex, status: string): void {
  stream.on('error', () => stream.destroy())
  stream.once('finish', () => stream.destroy())
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
