/** Every limit of the transports, with its default and what follows from it. Sizes in bytes, times in milliseconds. */
export interface TransportOptions {
  /** Origins of pages that may connect, as a browser spells them (`https://chat.example`). None: only the server's own. */
  readonly allowedOrigins: readonly string[]
  /** Lets pages on localhost, 127.0.0.1 and [::1] connect, at any port. */
  readonly allowLocalOrigins: boolean
  /** Shows GraphiQL to a browser on GET /graphql. */
  readonly graphiql: boolean
  /** A longer POST body is answered 413. */
  readonly maxBodyBytes: number
  /** A longer WebSocket message closes its socket with 1009. */
  readonly maxFrameBytes: number
  /** A message in more fragments closes its socket with 1008: each costs memory that its size does not show. */
  readonly maxFragments: number
  /** A longer operation id closes its socket with 4400: every frame of the operation repeats it. */
  readonly maxOperationIdBytes: number
  /** Of sockets and event streams together: one more socket of the same user is closed with 4429, one more stream refused with TOO_MANY_SUBSCRIPTIONS. */
  readonly maxSocketsPerUser: number
  /** One more subscription on a socket is refused with TOO_MANY_SUBSCRIPTIONS. */
  readonly maxSubscriptionsPerSocket: number
  /** While so many queries and mutations of a socket run, nothing more is read from it. */
  readonly maxRunningPerSocket: number
  /** One more socket that has not said who it is closes the oldest such socket with 4408. */
  readonly maxSilentSockets: number
  /** A socket that has not sent connection_init by then is closed with 4408. */
  readonly initTimeoutMs: number
  /** How often a socket is pinged; two pings without an answer end it. */
  readonly pingIntervalMs: number
  /** Bytes that may wait for one client; above, its subscriptions lag and read from the log instead; 64 MB above, its socket is cut off. */
  readonly outboundMarkBytes: number
  /** A client that was above its mark and takes nothing for so long of what waits is hopeless: its socket is closed with 1013. Any other HTTP connection is cut that moves nothing for so long while it is to be answered. */
  readonly stallMs: number
  /** How often an SSE stream says something, so that proxies keep it open. */
  readonly heartbeatMs: number
  /** On closing, sockets are closed spread over this time, so that not all clients come back in the same moment. */
  readonly drainMs: number
  /** On closing, the server stays at least so long to say that it is not ready, so that a load balancer hears of it before connections are refused. */
  readonly drainNoticeMs: number
  /** How long closing waits for what still runs. */
  readonly drainGraceMs: number
}

export const DEFAULT_TRANSPORT_OPTIONS = {
  allowedOrigins: [],
  allowLocalOrigins: false,
  graphiql: false,
  maxBodyBytes: 1_048_576,
  maxFrameBytes: 262_144,
  maxFragments: 256,
  maxOperationIdBytes: 128,
  maxSocketsPerUser: 30,
  maxSubscriptionsPerSocket: 100,
  maxRunningPerSocket: 100,
  maxSilentSockets: 1_000,
  initTimeoutMs: 3_000,
  pingIntervalMs: 30_000,
  outboundMarkBytes: 262_144,
  stallMs: 30_000,
  heartbeatMs: 15_000,
  drainMs: 10_000,
  drainNoticeMs: 0,
  drainGraceMs: 5_000,
} as const satisfies TransportOptions
