import type { Json } from '../../domain/json.ts'
import type { Cursor } from '../../domain/position.ts'
import type { MessageRecord, UserRecord } from '../../domain/records.ts'
import type { CommandKind } from '../command.ts'
import type { Row } from '../database/database.ts'
import { MARK_OF_NTH, NEW_MARK } from '../log/head.ts'
import * as column from '../row.ts'

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

/** `known`: the key was used before, by an input of that hash, and made that message. */
export type SendMessageResult =
  | { readonly type: 'sent'; readonly message: MessageRecord; readonly position: Cursor }
  | { readonly type: 'known'; readonly messageId: string; readonly inputHash: string }

/**
 * All sends of a batch in one statement. Guards: the sender and all who are mentioned are members, the conversation is not archived, the message
 * replied to is in it. The keys are looked at first, so that a retry finds its original even after its sender has left.
 */
export const sendMessage: CommandKind<SendMessageResult, SendMessageInput> = {
  name: 'send_message',
  setBased: true,
  actor: input => input.senderId,
  conflictKey: input => JSON.stringify([input.senderId, input.clientMessageId]),
  bytes: ({ content, metadata, mentions }) =>
    600 + content.length * 2 + (metadata === null ? 0 : JSON.stringify(metadata).length) + mentions.length * 80,
  statement: (tenantId, inputs) => ({
    name: 'send_message',
    text: SEND,
    values: [tenantId, JSON.stringify(inputs.map((input, ord) => ({ ord, ...input })))],
  }),
  read(rows, input) {
    const [row] = rows
    if (row === undefined) return undefined
    if (column.text(row, 'outcome') === 'known') {
      const known = {
        type: 'known',
        messageId: column.text(row, 'message_id'),
        inputHash: column.text(row, 'input_hash'),
      } as const
      return { result: known, events: [], receipts: [] }
    }
    const message = sentMessage(row, input)
    const position = { position: message.position, mark: column.bigint(row, 'mark') }
    const event = {
      ...position,
      conversationId: message.conversationId,
      seq: message.seq,
      kind: 'MessageSent',
      actorId: message.senderId,
      refs: { messageId: message.id, version: 1 },
      at: message.createdAt,
      made: () => ({ message, sender: senderOf(row, input) }),
    } as const
    return { result: { type: 'sent', message, position }, events: [event], receipts: [] }
  },
}

function senderOf(row: Row, { senderId }: SendMessageInput): UserRecord {
  return {
    id: senderId,
    name: column.orNull(column.text, row, 'name'),
    avatarUrl: column.orNull(column.text, row, 'avatar_url'),
  }
}

function sentMessage(row: Row, input: SendMessageInput): MessageRecord {
  return {
    id: input.messageId,
    conversationId: input.conversationId,
    seq: column.integer(row, 'seq'),
    position: column.position(row, 'position'),
    senderId: input.senderId,
    content: input.content,
    metadata: input.metadata,
    mentions: input.mentions,
    replyToId: input.replyToId,
    version: 1,
    clientMessageId: input.clientMessageId,
    createdAt: column.instant(row, 'at'),
    editedAt: null,
    deletedAt: null,
  }
}

/**
 * A session keeps the plan that it made first, maybe on empty tables, and that takes every join for one of a few rows. So nothing here is left to it: each
 * input looks its rows up by their keys (a lateral query with a limit is not reordered), and the marks are found by their place. Joined freely, the rows of
 * all the tenant's conversations were compared with all inputs: 256 sends took 2,350 ms on fresh tables with 1,000 conversations, and 50 ms so.
 */
const SEND = `
WITH input AS (
  SELECT * FROM json_to_recordset($2::json) AS i(
    ord int, "messageId" uuid, "conversationId" uuid, "senderId" text, content text, metadata json, mentions json,
    "replyToId" uuid, "clientMessageId" text, "inputHash" text)
),
known AS (
  SELECT i.ord, k.target_id, k.input_hash FROM input i
  JOIN idempotency_key k
    ON k.tenant_id = $1 AND k.user_id = i."senderId" AND k.scope = 'message' AND k.key = i."clientMessageId"
),
fit AS (
  SELECT i.*, c.last_seq, u.name, u.avatar_url,
    row_number() OVER (ORDER BY i.ord) AS nth,
    (row_number() OVER (PARTITION BY i."conversationId" ORDER BY i.ord))::int AS nth_here
  FROM input i
  CROSS JOIN LATERAL (
    SELECT c.last_seq FROM conversation c
    WHERE c.tenant_id = $1 AND c.conversation_id = i."conversationId" AND c.archived_at IS NULL LIMIT 1
  ) c
  CROSS JOIN LATERAL (
    SELECT u.name, u.avatar_url FROM "user" u WHERE u.tenant_id = $1 AND u.user_id = i."senderId" LIMIT 1
  ) u
  CROSS JOIN LATERAL (
    SELECT FROM member m
    WHERE m.tenant_id = $1 AND m.conversation_id = i."conversationId" AND m.user_id = i."senderId"
      AND m.to_position IS NULL LIMIT 1
  ) m
  WHERE NOT EXISTS (SELECT FROM known WHERE known.ord = i.ord)
    AND (i."replyToId" IS NULL OR i."conversationId" = (
      SELECT r.conversation_id FROM message r WHERE r.tenant_id = $1 AND r.message_id = i."replyToId"))
    AND (json_array_length(i.mentions) = 0 OR NOT EXISTS (
      SELECT FROM json_array_elements_text(i.mentions) AS mentioned(user_id)
      WHERE NOT EXISTS (
        SELECT FROM member o WHERE o.tenant_id = $1 AND o.conversation_id = i."conversationId"
          AND o.user_id = mentioned.user_id AND o.to_position IS NULL)))
),
stamp AS MATERIALIZED (SELECT clock_timestamp()::timestamptz(3) AS at),
head AS (
  UPDATE tenant_head h SET position = h.position + t.total, mark = ${NEW_MARK}
  FROM (SELECT count(*) AS total FROM fit) t WHERE h.tenant_id = $1 AND t.total > 0
  RETURNING h.position - t.total AS base, h.position AS last, h.mark
),
room AS (
  UPDATE conversation c
  SET last_seq = c.last_seq + s.total, last_position = head.base + s.last_nth, last_message_id = s.last_message_id
  FROM head, (
    SELECT "conversationId", count(*)::int AS total, max(nth) AS last_nth,
      (array_agg("messageId" ORDER BY nth DESC))[1] AS last_message_id
    FROM fit GROUP BY "conversationId"
  ) s
  WHERE c.tenant_id = $1 AND c.conversation_id = s."conversationId"
),
said AS (
  INSERT INTO message (tenant_id, message_id, conversation_id, seq, position, sender_id, content, metadata, mentions,
    reply_to_id, version, client_message_id, created_at)
  SELECT $1, "messageId", "conversationId", last_seq + nth_here, head.base + nth, "senderId", content, metadata,
    ARRAY(SELECT json_array_elements_text(mentions)), "replyToId", 1, "clientMessageId", stamp.at
  FROM fit, head, stamp
),
kept AS (
  INSERT INTO idempotency_key (tenant_id, user_id, scope, key, target_id, input_hash)
  SELECT $1, "senderId", 'message', "clientMessageId", "messageId", decode("inputHash", 'hex') FROM fit, head
),
logged AS (
  INSERT INTO event (tenant_id, position, mark, conversation_id, seq, kind, actor_id, refs, at)
  SELECT $1, head.base + nth, ${MARK_OF_NTH}, "conversationId", last_seq + nth_here, 'MessageSent', "senderId",
    json_build_object('messageId', "messageId", 'version', 1), stamp.at
  FROM fit, head, stamp
  RETURNING position, mark
),
marks AS MATERIALIZED (SELECT array_agg(mark ORDER BY position) AS in_order FROM logged)
SELECT fit.ord, 'sent' AS outcome, fit."messageId" AS message_id, NULL AS input_hash,
  fit.last_seq + fit.nth_here AS seq, head.base + fit.nth AS position, marks.in_order[fit.nth] AS mark, stamp.at,
  fit.name, fit.avatar_url
FROM fit CROSS JOIN head CROSS JOIN stamp CROSS JOIN marks
UNION ALL
SELECT ord, 'known', target_id, encode(input_hash, 'hex'), NULL, NULL, NULL, NULL, NULL, NULL FROM known`
