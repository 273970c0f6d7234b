import {
  type CommittedEvent,
  EVENT_KINDS,
  type EventKind,
  type EventRecord,
  type EventRefs,
} from '../../domain/event.ts'
import type { Row } from '../database/database.ts'
import * as column from '../row.ts'
import { NEW_MARK } from './head.ts'

/** What one conditional write consists of. `$1` is the tenant and `$2` the actor in every part; further parameters are the parts' own. */
interface OneEvent {
  readonly kind: EventKind
  /** A query of at most one row, with `conversation_id`, that is there only while all the decision rested on still stands. */
  readonly guard: string
  /** Assignments to the conversation beside those of the log, each with a leading comma. */
  readonly conversation?: string
  /** The write itself: a data-modifying statement that may read `guard`, `head` (position, mark), `room` (last_seq) and `stamp` (at). */
  readonly change?: string
  /** A json expression over `guard` and the parameters. */
  readonly refs: string
}

/** The text of a write that makes one event: nothing at all happens unless the guard's row is there. Its rows are read by `eventOf`. */
export function oneEvent(parts: OneEvent): string {
  return `
WITH guard AS (${parts.guard}),
stamp AS MATERIALIZED (SELECT clock_timestamp()::timestamptz(3) AS at),
head AS (
  UPDATE tenant_head h SET position = h.position + 1, mark = ${NEW_MARK} FROM guard WHERE h.tenant_id = $1
  RETURNING h.position, h.mark
),
room AS (
  UPDATE conversation c SET last_seq = c.last_seq + 1, last_position = head.position${parts.conversation ?? ''}
  FROM head, stamp WHERE c.tenant_id = $1 AND c.conversation_id = (SELECT conversation_id FROM guard)
  RETURNING c.last_seq
)${parts.change === undefined ? '' : `,\nchange AS (${parts.change})`},
logged AS (
  INSERT INTO event (tenant_id, position, mark, conversation_id, seq, kind, actor_id, refs, at)
  SELECT $1, head.position, head.mark, guard.conversation_id, room.last_seq, '${parts.kind}', $2, ${parts.refs}, stamp.at
  FROM guard, head, room, stamp
  RETURNING ${EVENT_COLUMNS}
)
SELECT * FROM logged`
}

export const EVENT_COLUMNS = 'position, mark, conversation_id, seq, kind, actor_id, refs, at'

export function eventOf(row: Row): EventRecord {
  return {
    position: column.position(row, 'position'),
    mark: column.bigint(row, 'mark'),
    conversationId: column.text(row, 'conversation_id'),
    seq: column.integer(row, 'seq'),
    kind: column.word(row, 'kind', EVENT_KINDS),
    actorId: column.orNull(column.text, row, 'actor_id'),
    refs: column.json(row, 'refs') as EventRefs,
    at: column.instant(row, 'at'),
  }
}

/** The outcome of a command whose only answer is the event that it made. */
export function eventOutcome(
  rows: readonly Row[],
): { result: CommittedEvent; events: CommittedEvent[]; receipts: [] } | undefined {
  const [row] = rows
  if (row === undefined) return undefined
  const event = eventOf(row)
  return { result: event, events: [event], receipts: [] }
}
