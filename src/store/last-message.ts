import type { Made } from '../domain/records.ts'
import type { Row } from './database/database.ts'
import { messageFrom, user } from './lookups.ts'
import { madeOf } from './messages.ts'

/** What a query of conversations `c` adds so that each comes with its last message, all from one snapshot. */

const MESSAGE =
  'message_id conversation_id seq position sender_id content metadata mentions reply_to_id version client_message_id created_at edited_at deleted_at'
const COLUMNS = [
  ...MESSAGE.split(' ').map(name => ({ of: `s.${name}`, name })),
  ...['name', 'avatar_url'].map(name => ({ of: `u.${name}`, name: `sender_${name}` })),
].map(({ of, name }) => ({ of, name, last: `last_message_${name}` }))

export const LAST_MESSAGE_COLUMNS = COLUMNS.map(({ of, last }) => `${of} AS ${last}`).join(', ')

export const WITH_LAST_MESSAGE = `
LEFT JOIN LATERAL (${messageFrom('c.last_message_id')}) s ON s.message_id = c.last_message_id
LEFT JOIN LATERAL (${user('s.sender_id')}) u ON true`

/** Null where there is none. */
export function lastMessageOf(row: Row): Made | null {
  if (row['last_message_message_id'] === null) return null
  const made: Record<string, unknown> = {}
  for (const { name, last } of COLUMNS) made[name] = row[last]
  return madeOf(made)
}
