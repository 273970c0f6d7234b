import type { Interval } from '../../domain/event.ts'
import { isId } from '../../domain/ids.ts'
import type { Cursor } from '../../domain/position.ts'
import type { Row, Statement } from '../database/database.ts'
import * as column from '../row.ts'
import type { LogPage, LogReads } from '../store.ts'
import type { TenantReads } from '../tenant-reads.ts'
import { conversationEvents } from './conversation-events.ts'
import { eventWithMessage, withMessages } from './event-messages.ts'
import { cursorOf, headOf, headStatement } from './head.ts'
import { EVENT_COLUMNS, eventOf } from './one-event.ts'

/**
 * How many positions one read looks at. An inbox's share of a busy tenant's log is thin: bounded windows keep the filter by membership at a few
 * milliseconds where one query over everything takes hundreds.
 */
const WINDOW = 5_000

/** Reading the log: always one snapshot a page, so that the events, the memberships and the head belong together. */
export function createLogReads(reads: TenantReads, tenantId: string): LogReads {
  async function page(after: Cursor | null, limit: number, wanted: Wanted): Promise<LogPage> {
    const from = after?.position ?? null
    const [heads = [], places = [], intervals = [], events = [], ends = []] = await reads.grouped(
      headStatement(tenantId),
      { name: 'place', text: PLACE, values: [tenantId, from, after?.mark ?? null] },
      { ...wanted.intervals, values: [tenantId, from, ...wanted.intervals.values] },
      { ...wanted.events, values: [tenantId, from, limit, ...wanted.events.values] },
      { name: 'window_end', text: WINDOW_END, values: [tenantId, windowEndOf(from, wanted.window)] },
    )
    const head = headOf(heads)
    const valid = after === null || places.length > 0
    const found = valid ? events.map(eventWithMessage) : []
    const end = ends[0]
    const windowEnd = valid && end !== undefined ? cursorOf(end) : head
    const reached = found.length === limit ? (found.at(-1) ?? windowEnd) : windowEnd
    return {
      head,
      valid,
      events: found,
      reached: { position: reached.position, mark: reached.mark },
      intervals: intervals.map(intervalOf),
    }
  }

  return {
    async head() {
      const [rows = []] = await reads.grouped(headStatement(tenantId))
      return headOf(rows)
    },
    async after(position, limit) {
      const [heads = [], marks = [], rows = []] = await reads.grouped(
        headStatement(tenantId),
        { name: 'mark_at', text: MARK_AT, values: [tenantId, position] },
        { name: 'events_after', text: EVENTS_AFTER, values: [tenantId, position, limit] },
      )
      const [place] = marks
      return {
        head: headOf(heads),
        mark: place === undefined ? null : column.bigint(place, 'mark'),
        events: rows.map(eventOf),
      }
    },
    inboxPage: (userId, after, limit) =>
      page(after, limit, {
        window: WINDOW,
        intervals: { name: 'intervals_of_user', text: INTERVALS_OF_USER, values: [userId] },
        events: { name: 'inbox_events', text: INBOX_EVENTS, values: [userId] },
      }),
    conversationPage: (conversationId, userId, after, limit) => {
      const id = isId(conversationId) ? conversationId : null
      return page(after, limit, {
        window: null,
        intervals: { name: 'intervals_of_member', text: INTERVALS_OF_MEMBER, values: [userId, id] },
        events: { name: 'conversation_events', text: CONVERSATION_EVENTS, values: [userId, id] },
      })
    },
  }
}

/** What tells an inbox from a conversation: whose intervals and events, in statements whose own values come after the shared ones. */
interface Wanted {
  /** Null: one read looks as far as it must. */
  readonly window: number | null
  readonly intervals: Statement
  readonly events: Statement
}

function windowEndOf(from: number | null, window: number | null): number | null {
  return from === null || window === null ? null : from + window
}

function intervalOf(row: Row): Interval {
  return {
    conversationId: column.text(row, 'conversation_id'),
    from: column.position(row, 'from_position'),
    to: column.orNull(column.position, row, 'to_position'),
  }
}

/** A row when the cursor is a place of this log: an event that is kept, or the floor, each with its own mark. */
const PLACE = `
SELECT FROM event WHERE tenant_id = $1 AND position = $2::bigint AND mark = $3::bigint
UNION ALL
SELECT FROM tenant WHERE tenant_id = $1 AND floor_position = $2::bigint AND floor_mark = $3::bigint`

const MARK_AT = `
SELECT mark FROM event WHERE tenant_id = $1 AND position = $2::bigint
UNION ALL
SELECT floor_mark FROM tenant WHERE tenant_id = $1 AND floor_position = $2::bigint`

/** A row only when the window ends before the log does. */
const WINDOW_END = `SELECT position, mark FROM event WHERE tenant_id = $1 AND position = $2::bigint`

const EVENTS_AFTER = `
SELECT ${EVENT_COLUMNS} FROM event WHERE tenant_id = $1 AND position > $2::bigint ORDER BY position LIMIT $3::int`

/** Of an inbox those that end at the cursor itself too: whoever was cut off there may not have been told what that means. */
const STILL_OR_SINCE = (comparison: '>' | '>=') => `(to_position IS NULL OR to_position ${comparison} $2::bigint)`

const INTERVALS_OF_USER = `
SELECT conversation_id, from_position, to_position FROM member
WHERE tenant_id = $1 AND user_id = $3 AND ${STILL_OR_SINCE('>=')}`

const INTERVALS_OF_MEMBER = `
SELECT conversation_id, from_position, to_position FROM member
WHERE tenant_id = $1 AND user_id = $3 AND conversation_id = $4::uuid AND ${STILL_OR_SINCE('>')}`

const WITHIN_AN_INTERVAL = `EXISTS (
  SELECT FROM member m
  WHERE m.tenant_id = $1 AND m.conversation_id = e.conversation_id AND m.user_id = $4
    AND m.from_position <= e.position AND (m.to_position IS NULL OR m.to_position >= e.position))`

const INBOX_EVENTS = withMessages(`
SELECT ${EVENT_COLUMNS} FROM event e
WHERE e.tenant_id = $1 AND e.position > $2::bigint AND e.position <= $2::bigint + ${WINDOW} AND ${WITHIN_AN_INTERVAL}
ORDER BY e.position LIMIT $3::int`)

const CONVERSATION_EVENTS = withMessages(conversationEvents(WITHIN_AN_INTERVAL))
