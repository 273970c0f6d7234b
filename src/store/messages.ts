import { isId } from '../domain/ids.ts'
import { cursorKeys, type PageRequest, pageOf } from '../domain/page.ts'
import type { MessageRecord } from '../domain/records.ts'
import type { Row } from './database/database.ts'
import * as column from './row.ts'
import type { TenantRead } from './session.ts'
import type { Messages } from './store.ts'

export function createMessages(read: TenantRead, tenantId: string): Messages {
  return {
    async byIds(ids) {
      const [rows = []] = await read({ name: 'messages_by_ids', text: BY_IDS, values: [tenantId, ids.filter(isId)] })
      const found = new Map(rows.map(row => [column.text(row, 'message_id'), messageOf(row)]))
      return ids.map(id => found.get(id))
    },
    async byKey(senderId, clientMessageId) {
      const [rows = []] = await read({
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
      const [rows = []] = await read({ name, text, values })
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

const BY_IDS = `SELECT * FROM message WHERE tenant_id = $1 AND message_id = ANY($2::uuid[])`

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
