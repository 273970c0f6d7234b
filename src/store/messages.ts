import { isId } from '../domain/ids.ts'
import { cursorKeys, pageOf } from '../domain/page.ts'
import type { Made, MessageRecord } from '../domain/records.ts'
import { boundsOf } from './bounds.ts'
import type { Row } from './database/database.ts'
import { inOrder } from './in-order.ts'
import { currentMember, messageFrom } from './lookups.ts'
import * as column from './row.ts'
import type { Messages } from './store.ts'
import type { TenantReads } from './tenant-reads.ts'

export function createMessages(reads: TenantReads, tenantId: string): Messages {
  return {
    async byIds(ids) {
      const [rows = []] = await reads.grouped({
        name: 'messages_by_ids',
        text: BY_IDS,
        values: [tenantId, ids.filter(isId)],
      })
      return inOrder(ids, rows.map(messageOf))
    },
    async byIdsOfMember(userId, ids) {
      const values = [tenantId, userId, ids.filter(isId)]
      const [rows = []] = await reads.grouped({ name: 'messages_by_ids_of_member', text: BY_IDS_OF_MEMBER, values })
      return inOrder(ids, rows.map(messageOf))
    },
    async byKey(senderId, clientMessageId) {
      const [rows = []] = await reads.grouped({
        name: 'message_by_key',
        text: BY_KEY,
        values: [tenantId, senderId, clientMessageId],
      })
      const [row] = rows
      return row && { messageId: column.text(row, 'target_id'), inputHash: column.text(row, 'input_hash') }
    },
    async ofConversation(conversationId, upToSeq, page) {
      const [seq] = cursorKeys(page, ['number'])
      const { name, text, order } = OF_CONVERSATION[page.direction]
      const bounds = boundsOf(order, seq, [0, upToSeq + 1])
      const values = [tenantId, conversationId, upToSeq, ...bounds, page.count + 1]
      const [rows = []] = await reads.grouped({ name, text, values })
      return pageOf(rows.map(messageOf), page)
    },
  }
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

/** Of a message's row that names its sender too: `sender_name`, `sender_avatar_url`. */
export function madeOf(row: Row): Made {
  const message = messageOf(row)
  const name = column.orNull(column.text, row, 'sender_name')
  const avatarUrl = column.orNull(column.text, row, 'sender_avatar_url')
  return { message, sender: { id: message.senderId, name, avatarUrl } }
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

function ofConversation(order: 'ASC' | 'DESC'): string {
  return `
SELECT * FROM message
WHERE tenant_id = $1 AND conversation_id = $2::uuid AND seq <= $3::int AND seq > $4::bigint AND seq < $5::bigint
ORDER BY seq ${order} LIMIT $6`
}

const OF_CONVERSATION = {
  forward: { name: 'messages_of_conversation', text: ofConversation('ASC'), order: 'ASC' },
  backward: { name: 'messages_of_conversation_backward', text: ofConversation('DESC'), order: 'DESC' },
} as const
