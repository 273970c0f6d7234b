import type { CommittedEvent } from '../../domain/event.ts'
import type { Row } from '../database/database.ts'
import { messageFrom, user } from '../lookups.ts'
import { madeOf } from '../messages.ts'
import { EVENT_COLUMNS, eventOf } from './one-event.ts'

/**
 * So many events of a page bring their messages and senders: all that most who come back have missed. The messages of more are read when they are shown, a few at a
 * time, for a message may have 40 KB.
 */
const FIRST = 32

const MESSAGE_ID = `(page.refs ->> 'messageId')::uuid`

/**
 * A query of events in position order, and of the first of them the messages as they are in the same snapshot. Who has missed a little then needs no other
 * read. Each is looked up by its key, whatever plan the session made first.
 */
export function withMessages(events: string): string {
  return `
WITH page AS (SELECT ${EVENT_COLUMNS}, row_number() OVER (ORDER BY position) AS nth FROM (${events}) e)
SELECT page.*, s.*, u.name AS sender_name, u.avatar_url AS sender_avatar_url FROM page
LEFT JOIN LATERAL (
  SELECT message_id, sender_id, content, metadata, mentions, reply_to_id, version, client_message_id, created_at, edited_at,
    deleted_at, seq AS message_seq, position AS message_position
  FROM (${messageFrom(MESSAGE_ID)}) m
  WHERE page.nth <= ${FIRST} AND message_id = ${MESSAGE_ID}
) s ON true
LEFT JOIN LATERAL (${user('s.sender_id')}) u ON true
ORDER BY page.position`
}

export function eventWithMessage(row: Row): CommittedEvent {
  const event = eventOf(row)
  if (row['message_id'] === null) return event
  return { ...event, made: () => madeOf(messageRow(row)) }
}

/** A message is of its event's conversation, and has its own place there and in the log. */
function messageRow(row: Row): Row {
  return { ...row, seq: row['message_seq'], position: row['message_position'] }
}
