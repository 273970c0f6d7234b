import { type Client, type ClientOptions, createClient, type Event, type EventListener } from 'graphql-ws/client'
import { type BackoffOptions, createBackoff } from './backoff.ts'
import { type Connector, createConnector } from './connector.ts'
import { startHeartbeat } from './heartbeat.ts'
import { iterate } from './iterate.ts'
import { createOperation, type Operation } from './operation.ts'
import { quietWebSocket } from './quiet-web-socket.ts'
import { createSession, type Session } from './session.ts'
import type { GetToken } from './token.ts'

type Passed = 'webSocketImpl' | 'lazyCloseTimeout' | 'jsonMessageReplacer' | 'jsonMessageReviver'

/** What is not said here is as in graphql-ws. */
export interface ColloquyClientOptions extends Pick<ClientOptions, Passed>, BackoffOptions {
  /** The server's: `wss://…/graphql`. */
  readonly url: string
  /** Gives a token for each connection, and another one when the server wants it. When it rejects it is asked again after a pause. */
  readonly token: GetToken
  /** How often the server is asked whether it is still there, in milliseconds; 0: never. Default: 12 seconds. */
  readonly keepAlive?: number
  /** How long the answer to that may take before the connection is given up. Default: 8 seconds. */
  readonly pongWaitMs?: number
  /** How long opening a connection may take. Default: 15 seconds. */
  readonly connectWaitMs?: number
}

/**
 * A graphql-ws client that loses nothing: wherever one is taken, it may be given. It connects when the first operation begins, comes back for ever with
 * growing, jittered pauses, opens each subscription again after the last position that it delivered, and stays in a token that has not expired. An operation
 * ends, with what graphql-ws would end it with, when the server has refused it, or the connection in a way that would be met again.
 *
 * `terminate` gives up the connection, as in graphql-ws, and also the pause before the next: call it when the network is back.
 *
 * Throws a TypeError for a `url` that is not of a WebSocket, and where there is no WebSocket class.
 */
export function createColloquyClient(options: ColloquyClientOptions): Client {
  const { url, token: getToken, connectWaitMs = 15_000, pongWaitMs = 8_000 } = options
  if (!['ws:', 'wss:'].includes(new URL(url).protocol)) throw new TypeError('A WebSocket has a url of ws: or wss:.')
  const backoff = createBackoff(options)
  const operations = new Set<Operation>()
  const connector = createConnector({ backoff, getToken, isWanted: () => operations.size > 0 })
  const client = createClient({
    keepAlive: 12_000,
    ...options,
    webSocketImpl: quietWebSocket(options.webSocketImpl),
    connectionParams: () => ({ authorization: `Bearer ${connector.token}` }),
    retryAttempts: 0,
  })
  const session = createSession({
    client,
    backoff,
    getToken,
    onRefreshed(token) {
      connector.token = token
    },
    onRefused() {
      connector.refuse()
      client.terminate()
    },
  })

  watch(client, connector, session)
  startHeartbeat(client, backoff.clock, { connectWaitMs, pongWaitMs })

  const subscribe: Client['subscribe'] = (payload, sink) => {
    const onOver = () => operations.delete(operation)
    const operation = createOperation({ client, connector, backoff, payload, sink, onOver })
    operations.add(operation)
    operation.begin()
    return () => operation.leave()
  }

  return {
    on: createOn(client, () => connector.isRetry),
    subscribe,
    iterate: payload => iterate(sink => subscribe(payload, sink)),
    terminate() {
      client.terminate()
      connector.skipPause()
    },
    async dispose() {
      for (const operation of operations) operation.leave()
      connector.skipPause()
      // Rejects when a connection that is being tried fails first.
      await Promise.resolve(client.dispose()).catch(() => undefined)
    },
  }
}

/** Tells both what becomes of the connections. */
function watch(client: Client, connector: Connector, session: Session): void {
  client.on('connecting', () => connector.connecting())
  client.on('connected', () => {
    connector.connected()
    session.opened(connector.token)
  })
  client.on('message', ({ type }) => {
    if (type === 'next') connector.served()
  })
  for (const event of ['closed', 'error'] as const) {
    client.on(event, (ending: unknown) => {
      connector.lost(ending)
      session.closed()
    })
  }
}

/** graphql-ws itself makes each connection but once: which one is a retry is known here alone. */
function createOn(client: Client, isRetry: () => boolean): Client['on'] {
  return <E extends Event>(event: E, listener: EventListener<E>) => {
    const listeners: { readonly [Name in Event]?: EventListener<Name> } = { [event]: listener }
    const { connecting, connected } = listeners
    if (connecting) return client.on('connecting', () => connecting(isRetry()))
    if (connected) return client.on('connected', (socket, payload) => connected(socket, payload, isRetry()))
    return client.on(event, listener)
  }
}
