import type { Database, Row } from '../database/database.ts'
import * as column from '../row.ts'
import { asTenant } from '../session.ts'
import type { Pruned, RetentionRule } from '../store.ts'

/**
 * Takes the oldest events that a rule no longer keeps out of the log, at most `step` of them, and moves the floor to the last one that went: a cursor
 * of before is no place of the log any more. The advances of receipts of that age go too; how far each member got stays. Two nodes that prune
 * at once take nothing twice.
 */
export async function prune(
  database: Pick<Database, 'commit'>,
  tenantId: string,
  { maxAgeMs, maxEvents }: RetentionRule,
  now: number,
  step: number,
): Promise<Pruned> {
  const before = maxAgeMs === null ? null : new Date(now - maxAgeMs)
  const [, events = [], receipts = []] = await database.commit([
    asTenant(tenantId),
    { name: 'prune_events', text: PRUNE_EVENTS, values: [tenantId, before, maxEvents, step] },
    { name: 'prune_receipts', text: PRUNE_RECEIPTS, values: [tenantId, before, step] },
  ])
  return prunedOf(events[0], receipts.length === step)
}

function prunedOf(row: Row | undefined, moreReceipts: boolean): Pruned {
  if (row === undefined) return { floor: 0, more: false, oldestAt: null }
  return {
    floor: column.position(row, 'floor'),
    more: moreReceipts || row['more'] === true,
    oldestAt: column.orNull(column.instant, row, 'oldest_at'),
  }
}

/** `due` never is null, whichever of the limits is. One row more than a step is looked at, to see what follows. */
const PRUNE_EVENTS = `
WITH oldest AS MATERIALIZED (
  SELECT e.position, e.mark, e.at,
    coalesce(e.at < $2::timestamptz, false) OR coalesce(e.position <= h.position - $3::bigint, false) AS due
  FROM event e JOIN tenant_head h ON h.tenant_id = $1 WHERE e.tenant_id = $1 ORDER BY e.position LIMIT $4::int + 1
),
stays AS (SELECT position, at FROM oldest WHERE NOT due ORDER BY position LIMIT 1),
last AS (
  SELECT position, mark FROM (SELECT position, mark FROM oldest ORDER BY position LIMIT $4::int) AS step
  WHERE NOT EXISTS (SELECT FROM stays WHERE stays.position <= step.position) ORDER BY position DESC LIMIT 1
),
moved AS (
  UPDATE tenant t SET floor_position = last.position, floor_mark = last.mark FROM last
  WHERE t.tenant_id = $1 AND t.floor_position < last.position RETURNING t.floor_position
),
gone AS (DELETE FROM event e USING moved WHERE e.tenant_id = $1 AND e.position <= moved.floor_position)
SELECT coalesce((SELECT floor_position FROM moved), t.floor_position) AS floor, (SELECT at FROM stays) AS oldest_at,
  NOT EXISTS (SELECT FROM stays) AND (SELECT count(*) FROM oldest) > $4::int AS more
FROM tenant t WHERE t.tenant_id = $1`

const PRUNE_RECEIPTS = `
WITH oldest AS (SELECT receipt_position, at FROM receipt WHERE tenant_id = $1 ORDER BY receipt_position LIMIT $3::int)
DELETE FROM receipt r USING oldest
WHERE r.tenant_id = $1 AND r.receipt_position = oldest.receipt_position AND oldest.at < $2::timestamptz
RETURNING r.receipt_position`
