import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Clock } from '../domain/clock.ts'
import { RequestError } from '../domain/errors.ts'
import type { NewId } from '../domain/ids.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Engine } from '../graphql/engine.ts'
import type { Logger } from '../observe/logger.ts'
import { type ConnectionCount, createConnectionCount } from './connection-count.ts'
import { depart } from './depart.ts'
import { createGraphiql } from './graphiql/graphiql.ts'
import { createEventStream, type EventStream } from './http/event-stream.ts'
import { createGraphqlHttp } from './http/graphql-http.ts'
import { healthPages } from './http/health.ts'
import { createHttpHandler, type Page } from './http/http.ts'
import { listenOn } from './listen.ts'
import { DEFAULT_TRANSPORT_OPTIONS, type TransportOptions } from './options.ts'
import type { Presence } from './presence-hooks.ts'
import type { Authenticate, WatchToken } from './session.ts'
import { createWebSockets } from './websocket/websocket.ts'

export interface TransportRequest {
  readonly engine: Engine
  /** The viewer of a token. Rejects with `TokenError`. */
  readonly authenticate: Authenticate
  readonly watchToken: WatchToken
  readonly presence: Presence
  readonly clock: Clock
  /** Makes connection ids. */
  readonly newId: NewId
  readonly logger: Logger
  /** Whether what the server needs is there. */
  readonly ready: () => boolean | Promise<boolean>
  readonly options?: Partial<TransportOptions>
  /** Whether a commit is under way, here or at another node, which is about to give more to write. Default: it cannot be told. */
  readonly committing?: () => boolean
  /** Other paths, such as /metrics. */
  readonly pages?: ReadonlyMap<string, Page>
}

export interface Transport {
  readonly server: Server
  /** WebSockets that are open. */
  readonly sockets: number
  /** Resolves to the address that it listens on; rejects with a readable error when that is taken. */
  listen(port: number, host: string): Promise<URL>
  /** Drains: not ready, nothing new, what runs is finished, every client told to come back elsewhere. */
  close(): Promise<void>
}

/** Everything between the network and the engine. */
export function createTransport(request: TransportRequest): Transport {
  const { engine, clock, logger, newId, presence } = request
  const options: TransportOptions = { ...DEFAULT_TRANSPORT_OPTIONS, ...request.options }
  const streams = new Set<EventStream>()
  const perUser = createConnectionCount(options.maxSocketsPerUser)
  let closing: Promise<void> | undefined

  const draining = () => closing !== undefined
  const openEventStream = createStreamOpener({ request, options, streams, perUser, draining })
  const handle = createHttpHandler({
    options,
    logger,
    authenticate: request.authenticate,
    graphql: createGraphqlHttp(engine, openEventStream),
    graphiql: options.graphiql ? createGraphiql() : null,
    pages: new Map([...healthPages(() => !draining() && request.ready()), ...(request.pages ?? [])]),
    onActivity: viewer => presence.onActivity(viewer, null),
    draining,
  })
  const server = createServer(SERVER_LIMITS, (incoming, response) => {
    // A connection that its client keeps for a next request would hold the closing up. While the sockets depart it is left alone: who sends another
    // request over it just then is told to go elsewhere, where a connection that closes would leave it in doubt.
    response.once('close', () => !server.listening && server.closeIdleConnections())
    return handle(incoming, response)
  })
  const sockets = createWebSockets({
    engine,
    authenticate: request.authenticate,
    watchToken: request.watchToken,
    clock,
    logger,
    newId,
    presence,
    perUser,
    committing: request.committing ?? (() => false),
    options,
  })
  // One that takes nothing of its answer for so long would hold the answer in memory. A WebSocket has its own time for that.
  server.setTimeout(options.stallMs)
  server.on('upgrade', sockets.upgrade)

  const drain = async () => {
    sockets.refuse()
    const noticed = noticeTime(clock, options.drainNoticeMs)
    const spread = { clock, spreadMs: options.drainMs, graceMs: options.drainGraceMs }
    await depart([...sockets.open, ...streams], spread)
    await noticed
    sockets.close()
    if (!server.listening) return
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    // What still runs has this long to end; a connection that only lingers is not waited for.
    const cancel = clock.after(options.drainGraceMs, () => server.closeAllConnections())
    await closed
    cancel()
  }

  return {
    server,
    get sockets() {
      return sockets.open.size
    },
    listen: (port, host) => listenOn(server, port, host),
    close() {
      closing ??= drain()
      return closing
    },
  }
}

/** Slow clients hold a connection, not the server: headers in 10 s, a whole request in 30 s. Longer than 60 s idle, as load balancers expect. */
const SERVER_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 2_000,
  // Other upgrades (h2c, which some HTTP clients always offer) are served as the plain requests that they also are.
  shouldUpgradeCallback: (incoming: { readonly headers: { readonly upgrade?: string | undefined } }) =>
    incoming.headers.upgrade?.toLowerCase() === 'websocket',
}

async function noticeTime(clock: Clock, noticeMs: number): Promise<void> {
  if (noticeMs > 0) await new Promise<void>(resolve => clock.after(noticeMs, resolve))
}

function createStreamOpener(opening: {
  readonly request: TransportRequest
  readonly options: TransportOptions
  readonly streams: Set<EventStream>
  readonly perUser: ConnectionCount
  readonly draining: () => boolean
}) {
  const { options, streams, perUser, draining } = opening
  const { engine, clock, newId, presence } = opening.request
  return (response: ServerResponse, viewer: Viewer): EventStream => {
    if (!perUser.take(viewer)) {
      const message = `A user has at most ${options.maxSocketsPerUser} sockets and event streams.`
      throw new RequestError('TOO_MANY_SUBSCRIPTIONS', message, { limit: options.maxSocketsPerUser })
    }
    const connectionId = newId()
    const stream = createEventStream({
      response,
      viewer,
      clock,
      watchToken: opening.request.watchToken,
      mask: engine.mask,
      heartbeatMs: options.heartbeatMs,
      markBytes: options.outboundMarkBytes,
      stallMs: options.stallMs,
      draining,
      onOpened() {
        streams.add(stream)
        presence.onConnect(viewer, connectionId)
      },
      onClosed() {
        streams.delete(stream)
        // An event stream knows no goodbye.
        presence.onDisconnect(viewer, connectionId, false)
      },
    })
    stream.gone.then(() => perUser.release(viewer))
    return stream
  }
}
