import type { ListedConversation } from '../domain/records.ts'
import type { Row } from './database/database.ts'
import { messageFrom, user } from './lookups.ts'
import { messageOf } from './messages.ts'
import * as column from './row.ts'

/** What a query of conversations `c` adds so that each comes with its last message, all from one snapshot. */

const NAMES =
  'message_id conversation_id seq position sender_id content metadata mentions reply_to_id version client_message_id created_at edited_at deleted_at'
const COLUMNS = NAMES.split(' ').map(name => ({ name, last: `last_message_${name}` }))

export const LAST_MESSAGE_COLUMNS = `${COLUMNS.map(({ name, last }) => `s.${name} AS ${last}`).join(', ')},
  u.name AS last_sender_name, u.avatar_url AS last_sender_avatar_url`

export const WITH_LAST_MESSAGE = `
LEFT JOIN LATERAL (${messageFrom('c.last_message_id')}) s ON s.message_id = c.last_message_id
LEFT JOIN LATERAL (${user('s.sender_id')}) u ON true`

/** Null where there is none. */
export function lastMessageOf(row: Row): ListedConversation['last'] {
  const renamed: Record<string, unknown> = {}
  for (const { name, last } of COLUMNS) renamed[name] = row[last]
  if (renamed['message_id'] === null) return null
  const message = messageOf(renamed)
  const sender = {
    id: message.senderId,
    name: column.orNull(column.text, row, 'last_sender_name'),
    avatarUrl: column.orNull(column.text, row, 'last_sender_avatar_url'),
  }
  return { message, sender }
}
