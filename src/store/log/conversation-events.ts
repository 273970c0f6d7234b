import { EVENT_COLUMNS } from './one-event.ts'

/**
 * The events of conversation `$5` after position `$2`, at most `$3`, in position order, of those that `within` lets through: a condition on `e`.
 *
 * What was sent has no entry in an index by conversations: most events are sends, and there each falls elsewhere, which is a seventh of what a send costs the
 * database. Its message has an entry by `seq`, which is enough.
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
    SELECT e.* FROM message s CROSS JOIN LATERAL (
      SELECT ${EVENT_COLUMNS} FROM event e WHERE e.tenant_id = $1 AND e.position = s.position AND ${within} LIMIT 1
    ) e
    WHERE s.tenant_id = $1 AND s.conversation_id = $5::uuid AND s.seq >= (${FIRST_AFTER})
    ORDER BY s.seq LIMIT $3::int
  )
) e ORDER BY position LIMIT $3::int`
}

const MIDDLE = 'low + (high - low) / 2'

/**
 * The `seq` from which on the conversation's messages have positions above `$2`; null where that is null. As `seq` and position grow together, it is found by
 * halving: those before `low` lie at `$2` or before, those from `high` on after it. There are at most as many after it as there are positions, so that
 * few are looked at by who has missed a little, and some twenty of a million.
 */
const FIRST_AFTER = `
WITH RECURSIVE halved AS (
  SELECT greatest(1, c.last_seq + 1 - greatest(c.last_position - $2::bigint, 0))::int AS low, c.last_seq + 1 AS high
  FROM conversation c WHERE c.tenant_id = $1 AND c.conversation_id = $5::uuid AND $2::bigint IS NOT NULL
  UNION ALL
  SELECT CASE WHEN found.position <= $2::bigint THEN found.seq + 1 ELSE low END,
    CASE WHEN found.position <= $2::bigint THEN high ELSE ${MIDDLE} END
  FROM halved LEFT JOIN LATERAL (
    SELECT m.seq, m.position FROM message m
    WHERE m.tenant_id = $1 AND m.conversation_id = $5::uuid AND m.seq >= ${MIDDLE} ORDER BY m.seq LIMIT 1
  ) found ON true
  WHERE low < high
)
SELECT max(low) FROM halved`
