import { EVENT_COLUMNS } from './one-event.ts'

/**
 * The events of tenant `$1`'s conversation `$5` after position `$2`, at most `$3`, in position order, of those that `within` lets through: a condition on `e`
 * that is true of events within the membership of user `$4` alone.
 *
 * What was sent has no entry in an index by conversations: most events are sends, and there each falls elsewhere, which is an eighth of what a send costs the
 * database. Its message has an entry by `seq`, which is enough: each event of a conversation has a `seq` and a position of its own, both grow together, and
 * the conversation's `last_seq` and `last_position` are those of its last one.
 */
export function conversationEvents(within: string): string {
  return `
SELECT ${EVENT_COLUMNS} FROM (
  (
    SELECT ${EVENT_COLUMNS} FROM event e
    WHERE e.tenant_id = $1 AND e.conversation_id = $5::uuid AND e.kind <> 'MessageSent' AND e.position > $2::bigint
      AND ${within}
    ORDER BY e.position LIMIT $3::int
  )
  UNION ALL
  (
    SELECT sent.* FROM message s CROSS JOIN LATERAL (
      SELECT ${EVENT_COLUMNS} FROM event e WHERE e.tenant_id = $1 AND e.position = s.position AND ${within} LIMIT 1
    ) sent
    WHERE s.tenant_id = $1 AND s.conversation_id = $5::uuid AND s.seq >= (${FIRST_AFTER})
    ORDER BY s.seq LIMIT $3::int
  )
) page ORDER BY position LIMIT $3::int`
}

/**
 * The position after which there can be anything: messages outlive their events, and what precedes the user's membership is not theirs. No row without a
 * cursor, or for a stranger.
 */
const SINCE = `
SELECT greatest($2::bigint, t.floor_position, first.position - 1) AS since
FROM tenant t CROSS JOIN LATERAL (
  SELECT min(m.from_position) AS position FROM member m
  WHERE m.tenant_id = $1 AND m.user_id = $4 AND m.conversation_id = $5::uuid
) first
WHERE t.tenant_id = $1 AND $2::bigint IS NOT NULL AND first.position IS NOT NULL`

const MIDDLE = 'low + (high - low) / 2'
const IS_BEFORE = 'found.position <= since'

/**
 * The `seq` from which on the conversation's messages lie after that position, or null. It is found by halving: those before `low` lie at it or before,
 * those from `high` on after it. There are at most as many after it as there are positions, so that few are looked at for who has missed a little, and
 * some twenty of a million.
 */
const FIRST_AFTER = `
WITH RECURSIVE halved AS (
  SELECT greatest(1, c.last_seq::bigint + 1 - greatest(c.last_position - since, 0)) AS low, c.last_seq::bigint + 1 AS high, since
  FROM (${SINCE}) begin, conversation c WHERE c.tenant_id = $1 AND c.conversation_id = $5::uuid
  UNION ALL
  SELECT CASE WHEN ${IS_BEFORE} THEN found.seq::bigint + 1 ELSE low END, CASE WHEN ${IS_BEFORE} THEN high ELSE ${MIDDLE} END, since
  FROM halved LEFT JOIN LATERAL (
    SELECT m.seq, m.position FROM message m
    WHERE m.tenant_id = $1 AND m.conversation_id = $5::uuid AND m.seq >= ${MIDDLE} ORDER BY m.seq LIMIT 1
  ) found ON true
  WHERE low < high
)
SELECT max(low) FROM halved`
