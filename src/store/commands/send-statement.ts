import type { Json } from '../../domain/json.ts'
import type { Owned } from '../command.ts'
import type { Statement } from '../database/database.ts'
import { encodeItem, encodeParameter } from '../database/parameter.ts'
import { MARK_OF_NTH, NEW_MARK } from '../log/head.ts'
import { currentMember, FEW, head, messageFrom, OWN, ofNamed, openConversation, user, type Whose } from '../lookups.ts'

export interface SendMessageInput {
  readonly messageId: string
  readonly conversationId: string
  readonly senderId: string
  readonly content: string
  readonly metadata: Json
  readonly mentions: readonly string[]
  readonly replyToId: string | null
  readonly clientMessageId: string
  /** A hash of all that the client said, in hexadecimal. */
  readonly inputHash: string
}

/** A message, and its columns as items of arrays: made of it while the batch before it is under way, for between two batches the database waits. */
export interface Send {
  readonly input: SendMessageInput
  readonly columns: readonly string[]
}

/** What the statement is given of each message besides its tenant, in the order of its parameters: the name, the type and the value. */
const COLUMNS: readonly (readonly [name: string, type: string, of: (input: SendMessageInput) => unknown])[] = [
  ['messageId', 'uuid', ({ messageId }) => messageId],
  ['conversationId', 'uuid', ({ conversationId }) => conversationId],
  ['senderId', 'text', ({ senderId }) => senderId],
  ['content', 'text', ({ content }) => content],
  ['metadata', 'json', ({ metadata }) => (metadata === null ? null : JSON.stringify(metadata))],
  ['mentioned', 'text', ({ mentions }) => encodeParameter(mentions)],
  ['replyToId', 'uuid', ({ replyToId }) => replyToId],
  ['clientMessageId', 'text', ({ clientMessageId }) => clientMessageId],
  ['inputHash', 'text', ({ inputHash }) => inputHash],
]

export function columnsOf(input: SendMessageInput): readonly string[] {
  return COLUMNS.map(([, , of]) => encodeItem(of(input)))
}

/** For the sends of one tenant, whom the transaction names. */
export function sendsOf(tenantId: string, sends: readonly Send[]): Statement {
  const values = [tenantId, ...arraysOf(sends)]
  return sends.every(isPlain)
    ? { name: 'send_plain_message', text: SEND_PLAIN, values }
    : { name: 'send_message', text: SEND, values }
}

/** For sends of several tenants: each says whose it is. */
export function sendsTogether(sends: readonly Owned<Send>[]): Statement {
  const values = [sends.map(({ tenantId }) => tenantId), ...arraysOf(sends.map(({ input }) => input))]
  return { name: 'send_message_together', text: SEND_TOGETHER, values }
}

/** Whether it names no other message and nobody. */
function isPlain({ input: { replyToId, mentions } }: Send): boolean {
  return replyToId === null && mentions.length === 0
}

/** For each column the array of its items. */
function arraysOf(sends: readonly Send[]): readonly string[] {
  return COLUMNS.map((_, nth) => `{${sends.map(({ columns }) => columns[nth]).join()}}`)
}

const NAMES = COLUMNS.map(([name]) => `"${name}"`).join(', ')
const ARRAYS = COLUMNS.map(([, type], nth) => `$${nth + 2}::${type}[]`).join(', ')

/** How a statement says whose its inputs are. */
interface Tenancy {
  readonly whose: Whose
  /** The arrays of the inputs' columns, and the names of those. */
  readonly arrays: string
  readonly names: string
  /** What numbers each tenant's own messages, and each conversation's. */
  readonly byTenant: string
  readonly byConversation: string
  /** For each tenant that gets messages, how many. */
  readonly totals: string
}

const ONE: Tenancy = {
  whose: OWN,
  arrays: ARRAYS,
  names: NAMES,
  byTenant: '',
  byConversation: 'PARTITION BY i."conversationId"',
  totals: 'SELECT count(*) AS total FROM fit HAVING count(*) > 0',
}

/** Every input says whose it is, and reads and writes nothing but its own tenant's: the transaction sees the rows of all of them. */
const SEVERAL: Tenancy = {
  whose: ofNamed('"tenantId"'),
  arrays: `$1::text[] COLLATE "C", ${ARRAYS}`,
  names: `"tenantId", ${NAMES}`,
  byTenant: 'PARTITION BY "tenantId"',
  byConversation: 'PARTITION BY "tenantId", i."conversationId"',
  totals: 'SELECT "tenantId", count(*) AS total FROM fit GROUP BY "tenantId"',
}

/** That the message replied to is in the conversation, and that all who are mentioned are members. */
const references = ({ tenant, tables }: Whose) => `AND (i."replyToId" IS NULL OR EXISTS (
      SELECT FROM (${messageFrom('i."replyToId"', { tenant, tables })}) r
      WHERE r.message_id = i."replyToId" AND r.conversation_id = i."conversationId"))
    AND (i.mentions = '{}' OR NOT EXISTS (
      SELECT FROM unnest(i.mentions) AS mentioned(user_id)
      WHERE NOT EXISTS (
        SELECT FROM ${tables}member o WHERE o.tenant_id = ${tenant} AND o.conversation_id = i."conversationId"
          AND o.user_id = mentioned.user_id AND o.to_position IS NULL)))`

/**
 * Nothing is left to the planner: each input looks its rows up by their keys (see lookups). Joined freely, the rows of all the tenant's conversations were
 * compared with all inputs: 256 sends took 2,350 ms on fresh tables with 1,000 conversations, and 50 ms so. The keys, joined, were still read as a whole in
 * every batch: 60 ms after 19,000 sends, where the statement takes 14.
 */
function send({ whose, arrays, names, byTenant, byConversation, totals }: Tenancy, guards: string): string {
  const { tenant, tables } = whose
  return `
WITH input AS (
  SELECT (i.number - 1)::int AS ord, i.*, i.mentioned::text[] AS mentions
  FROM unnest(${arrays}) WITH ORDINALITY AS i(${names}, number)
  WHERE ${FEW('i.number')}
),
known AS (
  SELECT i.ord, k.target_id, k.input_hash FROM input i
  CROSS JOIN LATERAL (
    SELECT k.target_id, k.input_hash FROM ${tables}idempotency_key k
    WHERE k.tenant_id = ${tenant} AND k.user_id = i."senderId" AND k.scope = 'message' AND k.key = i."clientMessageId"
    LIMIT 1
  ) k
),
fit AS (
  SELECT i.*, c.last_seq, c.place, u.name, u.avatar_url,
    row_number() OVER (${byTenant} ORDER BY i.ord) AS nth,
    (row_number() OVER here)::int AS nth_here, lead(i.ord) OVER here IS NULL AS is_last
  FROM input i
  CROSS JOIN LATERAL (${openConversation('i."conversationId"', whose)}) c
  CROSS JOIN LATERAL (${user('i."senderId"', whose)}) u
  CROSS JOIN LATERAL (${currentMember('i."conversationId"', 'i."senderId"', whose)}) m
  WHERE NOT EXISTS (SELECT FROM known WHERE known.ord = i.ord)
    ${guards}
  WINDOW here AS (${byConversation} ORDER BY i.ord)
),
head AS (
  UPDATE ${tables}tenant_head h SET position = h.position + t.total, mark = ${NEW_MARK}
  FROM (${totals}) t
  CROSS JOIN LATERAL (${head(whose)}) found
  WHERE h.tenant_id = ${tenant} AND h.ctid = found.place
  RETURNING h.tenant_id, h.position - t.total AS base, h.position AS last, h.mark
),
sent AS MATERIALIZED (
  SELECT fit.*, last_seq + nth_here AS seq, head.base + nth AS position, ${MARK_OF_NTH} AS mark,
    (SELECT clock_timestamp()::timestamptz(3)) AS at
  FROM fit JOIN head ON head.tenant_id = ${tenant}
),
room AS (
  UPDATE ${tables}conversation c
  SET last_seq = s.seq, last_position = s.position, last_message_id = s."messageId"
  FROM sent s
  WHERE c.tenant_id = ${tenant} AND c.ctid = s.place AND s.is_last
),
said AS (
  INSERT INTO message (tenant_id, message_id, conversation_id, seq, position, sender_id, content, metadata, mentions,
    reply_to_id, version, client_message_id, created_at)
  SELECT ${tenant}, "messageId", "conversationId", seq, position, "senderId", content, metadata,
    mentions, "replyToId", 1, "clientMessageId", at
  FROM sent
),
kept AS (
  INSERT INTO idempotency_key (tenant_id, user_id, scope, key, target_id, input_hash)
  SELECT ${tenant}, "senderId", 'message', "clientMessageId", "messageId", decode("inputHash", 'hex') FROM sent
),
logged AS (
  INSERT INTO event (tenant_id, position, mark, conversation_id, seq, kind, actor_id, refs, at)
  SELECT ${tenant}, position, mark, "conversationId", seq, 'MessageSent', "senderId",
    ('{"messageId":"' || "messageId" || '","version":1}')::json, at
  FROM sent
)
SELECT ord, 'sent' AS outcome, NULL::uuid AS message_id, NULL AS input_hash, seq, position, mark, at, name, avatar_url
FROM sent
UNION ALL
SELECT ord, 'known', target_id, encode(input_hash, 'hex'), NULL, NULL, NULL, NULL, NULL, NULL FROM known`
}

const SEND = send(ONE, references(OWN))
/** What nobody asks has to be made ready all the same: a twentieth of a lone send. */
const SEND_PLAIN = send(ONE, '')
const SEND_TOGETHER = send(SEVERAL, references(SEVERAL.whose))
