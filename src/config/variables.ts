import { z } from 'zod'
import { SECRET_MIN_BYTES } from '../auth/keys.ts'
import { GATE_LIMITS } from '../graphql/gate-limits.ts'
import { DEFAULT_TRANSPORT_OPTIONS as TRANSPORT } from '../transport/options.ts'
import { rateLimits } from './rate-limits.ts'
import { tenantRules } from './retention.ts'
import { address, addresses, oneOf, origins, publicKeyText, whole, word } from './value.ts'

/** Claims that have a meaning of their own and so cannot name the tenant. */
const OWN_CLAIMS = ['sub', 'iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'name', 'picture', 'roles']

const server = {
  NODE_ENV: oneOf(['development', 'test', 'production'])
    .default('development')
    .describe('`production` refuses the generated secret, hides the schema and GraphiQL, and writes JSON logs'),
  HOST: word().default('127.0.0.1').describe('the address to listen on; `0.0.0.0` or `::` for every one'),
  PORT: whole(4000, { min: 0, max: 65_535 }).describe('the port to listen on; 0 takes a free one'),
  ALLOWED_ORIGINS: origins()
    .optional()
    .meta({ fallback: "the server's own, and localhost unless in production" })
    .describe("which pages may connect, beside the server's own; separated by commas"),
  LOG_LEVEL: oneOf(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('what is logged'),
}

const storage = {
  DATA_DIR: z.string().default('.colloquy').describe('where the embedded database and the development secret are kept'),
  DATABASE_URL: address(['postgres:', 'postgresql:'])
    .optional()
    .meta({ fallback: 'the embedded database' })
    .describe('a Postgres'),
  REDIS_URL: addresses(['redis:', 'rediss:'])
    .optional()
    .meta({ fallback: 'in-process' })
    .describe(
      'a Redis, as `redis://user:password@host:port/db`, or `rediss:` for TLS; several addresses, separated by commas, are a Redis Cluster',
    ),
}

const retention = {
  LOG_RETENTION_SECONDS: whole(2_592_000, { min: 0 }).describe(
    'how long an event stays in the log, and with it the exact times of receipts; a client that comes back later is told `ResyncRequired`; 0: for ever',
  ),
  LOG_RETENTION_EVENTS: whole(1_000_000, { min: 0 }).describe(
    'how many events of each tenant stay in the log at most; 0: any number. Messages are kept whatever becomes of their events',
  ),
  LOG_RETENTION_TENANTS: tenantRules()
    .optional()
    .describe('other rules for some tenants, as JSON: `{"acme": {"seconds": 31536000, "events": 0}}`'),
  LOG_RETENTION_INTERVAL_MS: whole(60_000).describe('how long the server waits from one round of pruning to the next'),
}

const tokens = {
  JWT_SECRET: z
    .string()
    .refine(text => Buffer.byteLength(text) >= SECRET_MIN_BYTES, `must have at least ${SECRET_MIN_BYTES} bytes`)
    .optional()
    .meta({ fallback: 'a generated secret, refused in production' })
    .describe(`verifies tokens by HS256; at least ${SECRET_MIN_BYTES} bytes. At most one of the three may be set`),
  JWT_PUBLIC_KEY: publicKeyText().optional().describe('verifies tokens by a public key: a PEM or a JWK'),
  JWKS_URL: address(['http:', 'https:']).optional().describe("verifies tokens by an identity provider's key set"),
  JWT_ISSUER: z.string().optional().describe('what `iss` must be'),
  JWT_AUDIENCE: z.string().optional().describe('what `aud` must be or contain'),
  JWT_TENANT_CLAIM: word()
    .refine(claim => !OWN_CLAIMS.includes(claim), 'must not be a claim with a meaning of its own')
    .default('org_id')
    .describe('the claim that names the tenant'),
  JWT_MAX_LIFETIME_SECONDS: whole(2_592_000).describe(
    'a token whose `exp` lies further ahead of now, or of its `iat`, is refused: what never ends cannot be taken back. One without `iat` that was made for longer is good towards its end, and revocations of before are forgotten by then',
  ),
  REVOCATION_SWEEP_MS: whole(2_000).describe(
    'how often a node asks the database for revoked tokens that no other node told it of',
  ),
  REVOCATION_TRUST_MS: whole(10_000).describe(
    'how long a node that cannot ask the database goes on admitting tokens that were not revoked when it last could; after that they are refused as `UNAVAILABLE`',
  ),
}

const messaging = {
  RATE_LIMITS: rateLimits()
    .meta({ fallback: 'the table below' })
    .describe('`off`, or JSON that is put over the table below'),
  RATE_LIMIT_NODES: whole(2, { max: 1_000 }).describe(
    'over how many nodes a bucket is divided while Redis is away: about as many as there are',
  ),
  MAX_CONTENT_CODE_POINTS: whole(10_000).describe('the longest message; above it: `TOO_LONG`'),
  MAX_METADATA_BYTES: whole(8_192).describe('the largest metadata, as JSON; above it: `TOO_LONG`'),
  MAX_SIGNAL_BYTES: whole(32_768).describe("a signal's largest payload, as JSON; above it: `TOO_LONG`"),
  MAX_CONVERSATION_MEMBERS: whole(10_000).describe('members of one conversation; one more: `LIMIT_REACHED`'),
  RECEIPT_HISTORY_MAX_MEMBERS: whole(100, { min: 0 }).describe(
    'larger conversations keep how far each member has read, and no exact time per message and member',
  ),
  PRESENCE_TENANT_MAX_USERS: whole(1_000, { min: 0 }).describe(
    'larger tenants have no subscription to the presence of everyone: name users or a conversation',
  ),
  PRESENCE_IDLE_MS: whole(300_000).describe('without activity on any device for so long, a user is `AWAY`'),
  PRESENCE_GRACE_MS: whole(15_000, { min: 0 }).describe('how long a lost connection still counts as online'),
  TYPING_TTL_MS: whole(10_000).describe('a typing indicator that is not renewed goes after so long'),
  MAX_SELECTIONS_PER_VIEWER: whole(8).describe(
    'distinct selections of one viewer on one topic; one more: `TOO_MANY_SELECTIONS`',
  ),
}

const connections = {
  MAX_SOCKETS_PER_USER: whole(TRANSPORT.maxSocketsPerUser).describe(
    'sockets and event streams that one user may have open; one more socket is closed with 4429, one more stream refused with `TOO_MANY_SUBSCRIPTIONS`',
  ),
  MAX_SUBSCRIPTIONS_PER_SOCKET: whole(TRANSPORT.maxSubscriptionsPerSocket).describe(
    'subscriptions on one socket; one more: `TOO_MANY_SUBSCRIPTIONS`',
  ),
  MAX_RUNNING_PER_SOCKET: whole(TRANSPORT.maxRunningPerSocket).describe(
    'queries and mutations of one socket that run at once; while so many do, nothing more is read from it; what has arrived already, 64 KB at most, is run',
  ),
  MAX_SILENT_SOCKETS: whole(TRANSPORT.maxSilentSockets).describe(
    'sockets that have not said who they are; one more closes the oldest of them with 4408',
  ),
  MAX_BODY_BYTES: whole(TRANSPORT.maxBodyBytes).describe('the largest POST body; above it: 413'),
  MAX_FRAME_BYTES: whole(TRANSPORT.maxFrameBytes).describe(
    'the largest WebSocket message; above it the socket is closed with 1009',
  ),
  MAX_FRAGMENTS: whole(TRANSPORT.maxFragments).describe(
    'fragments of one WebSocket message; above it the socket is closed with 1008',
  ),
  MAX_OPERATION_ID_BYTES: whole(TRANSPORT.maxOperationIdBytes).describe(
    'the longest operation id; above it the socket is closed with 4400',
  ),
  OUTBOUND_MARK_BYTES: whole(TRANSPORT.outboundMarkBytes).describe(
    'what may wait for one client; above it its subscriptions lag and read from the log, and 64 MB above it its socket is cut off',
  ),
  STALL_MS: whole(TRANSPORT.stallMs).describe(
    'a client that has more to read and takes nothing of it for so long: its socket is closed with 1013, its HTTP connection cut',
  ),
  INIT_TIMEOUT_MS: whole(TRANSPORT.initTimeoutMs).describe(
    'a socket without `connection_init` for so long is closed with 4408',
  ),
  PING_INTERVAL_MS: whole(TRANSPORT.pingIntervalMs).describe(
    'how often a socket is pinged; two pings without an answer end it',
  ),
  HEARTBEAT_MS: whole(TRANSPORT.heartbeatMs).describe('how often an idle event stream (SSE) is kept open by a comment'),
  DRAIN_MS: whole(TRANSPORT.drainMs, { min: 0 }).describe(
    'over how long a stopping server spreads the closing of its sockets and event streams',
  ),
  DRAIN_NOTICE_MS: whole(TRANSPORT.drainNoticeMs, { min: 0 }).describe(
    'how long a stopping server stays at least, not ready, so that a load balancer sees it before connections are refused',
  ),
  DRAIN_GRACE_MS: whole(TRANSPORT.drainGraceMs, { min: 0 }).describe(
    'how long a stopping server waits for what still runs',
  ),
}

const operations = {
  MAX_QUERY_LENGTH: whole(GATE_LIMITS.maxTextLength).describe(
    "the longest document, in JavaScript's characters; above it: `OPERATION_TOO_COMPLEX`",
  ),
  MAX_QUERY_TOKENS: whole(GATE_LIMITS.maxTokens).describe('tokens of a document; above it: `OPERATION_TOO_COMPLEX`'),
  MAX_QUERY_FIELDS: whole(GATE_LIMITS.maxFields).describe(
    'fields and spreads, fragments spread out; above it: `OPERATION_TOO_COMPLEX`',
  ),
  MAX_QUERY_DEPTH: whole(GATE_LIMITS.maxDepth).describe('fields inside one another; above it: `OPERATION_TOO_COMPLEX`'),
  MAX_QUERY_ALIASES: whole(GATE_LIMITS.maxAliases).describe(
    'fields under another name or repeated; above it: `OPERATION_TOO_COMPLEX`',
  ),
  MAX_QUERY_DIRECTIVES: whole(GATE_LIMITS.maxDirectives, { min: 0 }).describe(
    'directives; above it: `OPERATION_TOO_COMPLEX`',
  ),
  MAX_QUERY_ROOT_FIELDS: whole(GATE_LIMITS.maxRootFields).describe(
    "fields of the operation's root; above it: `OPERATION_TOO_COMPLEX`",
  ),
  MAX_QUERY_NODES: whole(GATE_LIMITS.maxNodes).describe(
    'objects that the page sizes let lists give; above it: `OPERATION_TOO_COMPLEX`',
  ),
  MAX_ANSWER_LENGTH: whole(GATE_LIMITS.maxAnswerLength).describe(
    'characters of an answer: the names of its fields as far as lists can repeat them, or else what they say; above it: `OPERATION_TOO_COMPLEX`',
  ),
  MAX_QUERY_ERRORS: whole(GATE_LIMITS.maxErrors).describe('validation errors that are told at once'),
  QUERY_CACHE_DOCUMENTS: whole(GATE_LIMITS.cachedDocuments).describe('documents that are kept parsed'),
  QUERY_CACHE_BYTES: whole(GATE_LIMITS.cachedBytes).describe('about how much memory those may take'),
}

/** Every variable, in the sections of its documentation. */
export const SECTIONS = {
  'The server': server,
  'Where things are kept': storage,
  'How long the log is kept': retention,
  Tokens: tokens,
  Messaging: messaging,
  Connections: connections,
  Operations: operations,
} as const

export const VARIABLES = z.object({
  ...server,
  ...storage,
  ...retention,
  ...tokens,
  ...messaging,
  ...connections,
  ...operations,
})

export type Variables = z.infer<typeof VARIABLES>
