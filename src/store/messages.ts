import { isId } from '../domain/ids.ts'
import { cursorKeys, type PageRequest, pageOf } from '../domain/page.ts'
import type { MessageRecord } from '../domain/records.ts'
import type { Row } from './database/database.ts'
import { currentMember, messageFrom } from './lookups.ts'
import * as column from './row.ts'
import type { Messages } from './store.ts'
import type { TenantReads } from './tenant-reads.ts'

export function createMessages(reads: TenantReads, tenantId: string): Messages {
  return {
    async byIds(ids) {
      const [rows = []] = await reads.together({
        name: 'messages_by_ids',
        text: BY_IDS,
        values: [tenantId, ids.filter(isId)],
      })
      return inOrder(ids, rows)
    },
    async byIdsOfMember(userId, ids) {
      const values = [tenantId, userId, ids.filter(isId)]
      const [rows = []] = await reads.together({ name: 'messages_by_ids_of_member', text: BY_IDS_OF_MEMBER, values })
      return inOrder(ids, rows)
    },
    async byKey(senderId, clientMessageId) {
      const [rows = []] = await reads.together({
        name: 'message_by_key',
        text: BY_KEY,
        values: [tenantId, senderId, clientMessageId],
      })
      const [row] = rows
      return row && { messageId: column.text(row, 'target_id'), inputHash: column.text(row, 'input_hash') }
    },
    async ofConversation(conversationId, upToSeq, page) {
      const [seq] = cursorKeys(page, ['number'])
      const { name, text } = OF_CONVERSATION[page.direction]
      const values = [tenantId, conversationId, upToSeq, seq, page.count + 1]
      const [rows = []] = await reads.together({ name, text, values })
      return pageOf(rows.map(messageOf), page)
    },
  }
}

function inOrder(ids: readonly string[], rows: readonly Row[]): readonly (MessageRecord | undefined)[] {
  const found = new Map(rows.map(row => [column.text(row, 'message_id'), messageOf(row)]))
  return ids.map(id => found.get(id))
}

const COLUMNS = [
  ...[
    'message_id',
    'conversation_id',
    'seq',
    'position',
    'sender_id',
    'content',
    'metadata',
    'mentions',
    'reply_to_id',
  ],
  ...['version', 'client_message_id', 'created_at', 'edited_at', 'deleted_at'],
].map(name => ({ name, last: `last_message_${name}` }))

/** Of a message `s`, beside whatever else a row says; `lastMessageOf` reads them. */
export const LAST_MESSAGE_COLUMNS = COLUMNS.map(({ name, last }) => `s.${name} AS ${last}`).join(', ')

/** Null where there is none. */
export function lastMessageOf(row: Row): MessageRecord | null {
  const message: Record<string, unknown> = {}
  for (const { name, last } of COLUMNS) message[name] = row[last]
  return message['message_id'] === null ? null : messageOf(message)
}

export function messageOf(row: Row): MessageRecord {
  return {
    id: column.text(row, 'message_id'),
    conversationId: column.text(row, 'conversation_id'),
    seq: column.integer(row, 'seq'),
    position: column.position(row, 'position'),
    senderId: column.text(row, 'sender_id'),
    content: column.orNull(column.text, row, 'content'),
    metadata: column.json(row, 'metadata'),
    mentions: column.texts(row, 'mentions'),
    replyToId: column.orNull(column.text, row, 'reply_to_id'),
    version: column.integer(row, 'version'),
    clientMessageId: column.text(row, 'client_message_id'),
    createdAt: column.instant(row, 'created_at'),
    editedAt: column.orNull(column.instant, row, 'edited_at'),
    deletedAt: column.orNull(column.instant, row, 'deleted_at'),
  }
}

/** One after the other: for an array of ids the planner may take another index, and go through all of the tenant's messages. */
const BY_IDS = `
SELECT s.* FROM unnest($2::uuid[]) AS i(id) CROSS JOIN LATERAL (${messageFrom('i.id')}) s
WHERE s.message_id = i.id`

const BY_IDS_OF_MEMBER = `
SELECT s.* FROM unnest($3::uuid[]) AS i(id) CROSS JOIN LATERAL (${messageFrom('i.id')}) s
CROSS JOIN LATERAL (${currentMember('s.conversation_id', '$2')}) m
WHERE s.message_id = i.id`

const BY_KEY = `
SELECT target_id, encode(input_hash, 'hex') AS input_hash FROM idempotency_key
WHERE tenant_id = $1 AND user_id = $2 AND scope = 'message' AND key = $3`

function ofConversation(comparison: '<' | '>', order: 'ASC' | 'DESC'): string {
  return `
SELECT * FROM message
WHERE tenant_id = $1 AND conversation_id = $2::uuid AND seq <= $3::int
  AND ($4::bigint IS NULL OR seq ${comparison} $4::bigint)
ORDER BY seq ${order} LIMIT $5`
}

const OF_CONVERSATION: Record<PageRequest['direction'], { readonly name: string; readonly text: string }> = {
  forward: { name: 'messages_of_conversation', text: ofConversation('>', 'ASC') },
  backward: { name: 'messages_of_conversation_backward', text: ofConversation('<', 'DESC') },
}
