import type { Database, Statement } from '../../src/store/database/database.ts'
import { withMessages } from '../../src/store/log/event-messages.ts'
import { EVENT_COLUMNS } from '../../src/store/log/one-event.ts'

/**
 * A node of the release before migration 5: it names one tenant alone, knows tables by their own names, and reads a conversation's events as the index had
 * them that migration 7 drops. Where its statements were others, they are those, but for how their inputs are written; all others are still the same. A transaction that only a later release could make is refused.
 */
export function releaseBefore(database: Database): Database {
  return {
    ...database,
    commit: async (statements, pipeline) => database.commit(asBefore(statements), pipeline),
    read: async statements => database.read(asBefore(statements)),
  }
}

function asBefore(statements: readonly Statement[]): readonly Statement[] {
  return statements.map(statement => {
    const { name, values } = statement
    switch (name) {
      case 'as_tenant':
        return { name, text: AS_TENANT, values }
      case 'locked_head':
        return { name, text: LOCKED_HEAD, values }
      case 'send_message':
      case 'send_plain_message':
        return { name: 'send_message', text: SEND, values }
      case 'conversation_events':
        return { name, text: CONVERSATION_EVENTS, values }
      default:
        if (statement.text.includes('shared_')) throw new TypeError(`the release before has no statement ${name}`)
        return statement
    }
  })
}

const CONVERSATION_EVENTS = withMessages(`
SELECT ${EVENT_COLUMNS} FROM event e
WHERE e.tenant_id = $1 AND e.conversation_id = $5::uuid AND e.position > $2::bigint AND EXISTS (
  SELECT FROM member m
  WHERE m.tenant_id = $1 AND m.conversation_id = e.conversation_id AND m.user_id = $4
    AND m.from_position <= e.position AND (m.to_position IS NULL OR m.to_position >= e.position))
ORDER BY e.position LIMIT $3::int`)

const AS_TENANT = `SELECT set_config('colloquy.tenant_id', $1, true)`

const LOCKED_HEAD = 'SELECT position, mark FROM tenant_head WHERE tenant_id = $1 FOR NO KEY UPDATE'

const MARK_OF_NTH = `CASE WHEN head.base + nth = head.last THEN head.mark
    ELSE hashint8extended(head.base + nth, head.mark) END`

const SEND = `
WITH input AS (
  SELECT (i.number - 1)::int AS ord, i.*, to_json(i.mentioned::text[]) AS mentions
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::json[], $7::text[], $8::uuid[], $9::text[], $10::text[])
    WITH ORDINALITY AS i("messageId", "conversationId", "senderId", content, metadata, mentioned, "replyToId",
      "clientMessageId", "inputHash", number)
  WHERE i.number % 1 = 0
),
known AS (
  SELECT i.ord, k.target_id, k.input_hash FROM input i
  CROSS JOIN LATERAL (
    SELECT k.target_id, k.input_hash FROM idempotency_key k
    WHERE k.tenant_id = $1 AND k.user_id = i."senderId" AND k.scope = 'message' AND k.key = i."clientMessageId" LIMIT 1
  ) k
),
fit AS (
  SELECT i.*, c.last_seq, c.place, u.name, u.avatar_url,
    row_number() OVER (ORDER BY i.ord) AS nth,
    (row_number() OVER (PARTITION BY i."conversationId" ORDER BY i.ord))::int AS nth_here
  FROM input i
  CROSS JOIN LATERAL (
    SELECT c.*, c.ctid AS place FROM conversation c
    WHERE c.tenant_id = $1 AND c.conversation_id = i."conversationId" AND c.archived_at IS NULL LIMIT 1
  ) c
  CROSS JOIN LATERAL (
    SELECT u.name, u.avatar_url FROM "user" u WHERE u.tenant_id = $1 AND u.user_id = i."senderId" LIMIT 1
  ) u
  CROSS JOIN LATERAL (
    SELECT m.*, m.ctid AS place FROM member m
    WHERE m.tenant_id = $1 AND m.conversation_id = i."conversationId" AND m.user_id = i."senderId"
      AND m.to_position IS NULL
    LIMIT 1
  ) m
  WHERE NOT EXISTS (SELECT FROM known WHERE known.ord = i.ord)
    AND (i."replyToId" IS NULL OR EXISTS (
      SELECT FROM (
        SELECT s.*, s.ctid AS place FROM message s
        WHERE s.tenant_id = $1 AND s.message_id >= i."replyToId" ORDER BY s.message_id LIMIT 1
      ) r
      WHERE r.message_id = i."replyToId" AND r.conversation_id = i."conversationId"))
    AND (json_array_length(i.mentions) = 0 OR NOT EXISTS (
      SELECT FROM json_array_elements_text(i.mentions) AS mentioned(user_id)
      WHERE NOT EXISTS (
        SELECT FROM member o WHERE o.tenant_id = $1 AND o.conversation_id = i."conversationId"
          AND o.user_id = mentioned.user_id AND o.to_position IS NULL)))
),
stamp AS MATERIALIZED (SELECT clock_timestamp()::timestamptz(3) AS at),
head AS (
  UPDATE tenant_head h SET position = h.position + t.total, mark = hashtextextended(gen_random_uuid()::text, 0)
  FROM (SELECT count(*) AS total FROM fit) t WHERE h.tenant_id = $1 AND t.total > 0
  RETURNING h.position - t.total AS base, h.position AS last, h.mark
),
room AS (
  UPDATE conversation c
  SET last_seq = c.last_seq + s.total, last_position = head.base + s.last_nth, last_message_id = s.last_message_id
  FROM head, (
    SELECT min(place) AS place, count(*)::int AS total, max(nth) AS last_nth,
      (array_agg("messageId" ORDER BY nth DESC))[1] AS last_message_id
    FROM fit GROUP BY "conversationId"
  ) s
  WHERE c.tenant_id = $1 AND c.ctid = s.place
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
)
SELECT fit.ord, 'sent' AS outcome, fit."messageId" AS message_id, NULL AS input_hash,
  fit.last_seq + fit.nth_here AS seq, head.base + fit.nth AS position, ${MARK_OF_NTH} AS mark, stamp.at,
  fit.name, fit.avatar_url
FROM fit CROSS JOIN head CROSS JOIN stamp
UNION ALL
SELECT ord, 'known', target_id, encode(input_hash, 'hex'), NULL, NULL, NULL, NULL, NULL, NULL FROM known`
