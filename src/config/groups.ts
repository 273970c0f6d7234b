import type { RevocationTimes } from '../auth/revocations.ts'
import type { GateLimits } from '../graphql/gate-limits.ts'
import type { Retention } from '../server/retention.ts'
import type { TransportOptions } from '../transport/options.ts'
import { retentionRule } from './retention.ts'
import type { Variables } from './variables.ts'

/** The variables, gathered for whoever takes them. The types see to it that no limit is left out. */

export interface MessagingLimits {
  readonly maxContentCodePoints: number
  readonly maxMetadataBytes: number
  readonly maxSignalBytes: number
  readonly maxConversationMembers: number
  readonly receiptHistoryMaxMembers: number
  readonly presenceTenantMaxUsers: number
  readonly presenceIdleMs: number
  readonly presenceGraceMs: number
  readonly typingTtlMs: number
  readonly maxSelectionsPerViewer: number
}

export function messagingLimits(v: Variables): MessagingLimits {
  return {
    maxContentCodePoints: v.MAX_CONTENT_CODE_POINTS,
    maxMetadataBytes: v.MAX_METADATA_BYTES,
    maxSignalBytes: v.MAX_SIGNAL_BYTES,
    maxConversationMembers: v.MAX_CONVERSATION_MEMBERS,
    receiptHistoryMaxMembers: v.RECEIPT_HISTORY_MAX_MEMBERS,
    presenceTenantMaxUsers: v.PRESENCE_TENANT_MAX_USERS,
    presenceIdleMs: v.PRESENCE_IDLE_MS,
    presenceGraceMs: v.PRESENCE_GRACE_MS,
    typingTtlMs: v.TYPING_TTL_MS,
    maxSelectionsPerViewer: v.MAX_SELECTIONS_PER_VIEWER,
  }
}

export function revocationTimes(v: Variables): RevocationTimes {
  return { sweepMs: v.REVOCATION_SWEEP_MS, trustMs: v.REVOCATION_TRUST_MS }
}

export function retentionOf(v: Variables): Retention {
  const { LOG_RETENTION_SECONDS: seconds, LOG_RETENTION_EVENTS: events, LOG_RETENTION_TENANTS: tenants = {} } = v
  return {
    rule: retentionRule(seconds, events),
    tenants: new Map(
      Object.entries(tenants).map(([id, rule]) => [id, retentionRule(rule.seconds ?? seconds, rule.events ?? events)]),
    ),
    everyMs: v.LOG_RETENTION_INTERVAL_MS,
  }
}

export function transportOptions(v: Variables, production: boolean): TransportOptions {
  return {
    allowedOrigins: v.ALLOWED_ORIGINS ?? [],
    allowLocalOrigins: !production && v.ALLOWED_ORIGINS === undefined,
    graphiql: !production,
    maxBodyBytes: v.MAX_BODY_BYTES,
    maxFrameBytes: v.MAX_FRAME_BYTES,
    maxFragments: v.MAX_FRAGMENTS,
    maxOperationIdBytes: v.MAX_OPERATION_ID_BYTES,
    maxSocketsPerUser: v.MAX_SOCKETS_PER_USER,
    maxSubscriptionsPerSocket: v.MAX_SUBSCRIPTIONS_PER_SOCKET,
    maxRunningPerSocket: v.MAX_RUNNING_PER_SOCKET,
    maxSilentSockets: v.MAX_SILENT_SOCKETS,
    initTimeoutMs: v.INIT_TIMEOUT_MS,
    pingIntervalMs: v.PING_INTERVAL_MS,
    outboundMarkBytes: v.OUTBOUND_MARK_BYTES,
    stallMs: v.STALL_MS,
    heartbeatMs: v.HEARTBEAT_MS,
    drainMs: v.DRAIN_MS,
    drainNoticeMs: v.DRAIN_NOTICE_MS,
    drainGraceMs: v.DRAIN_GRACE_MS,
  }
}

export function gateLimits(v: Variables): GateLimits {
  return {
    maxTextLength: v.MAX_QUERY_LENGTH,
    maxTokens: v.MAX_QUERY_TOKENS,
    maxFields: v.MAX_QUERY_FIELDS,
    maxDepth: v.MAX_QUERY_DEPTH,
    maxAliases: v.MAX_QUERY_ALIASES,
    maxDirectives: v.MAX_QUERY_DIRECTIVES,
    maxRootFields: v.MAX_QUERY_ROOT_FIELDS,
    maxNodes: v.MAX_QUERY_NODES,
    maxAnswerLength: v.MAX_ANSWER_LENGTH,
    maxErrors: v.MAX_QUERY_ERRORS,
    cachedDocuments: v.QUERY_CACHE_DOCUMENTS,
    cachedBytes: v.QUERY_CACHE_BYTES,
  }
}
