import { isId } from '../domain/ids.ts'
import { cursorKeys, type PageRequest, pageOf } from '../domain/page.ts'
import type { MemberRecord } from '../domain/records.ts'
import { isPlainUnicode } from '../domain/text.ts'
import type { Row } from './database/database.ts'
import * as column from './row.ts'
import type { TenantRead } from './session.ts'
import type { MemberKey, Members } from './store.ts'

export function createMembers(read: TenantRead, tenantId: string): Members {
  return {
    async byKeys(keys) {
      const [rows = []] = await read({
        name: 'members_by_keys',
        text: BY_KEYS,
        values: [tenantId, keysParameter(keys)],
      })
      const found = new Map(rows.map(row => [column.integer(row, 'ord'), memberOf(row)]))
      return keys.map((_, ord) => found.get(ord))
    },
    async ofConversation(conversationId, page) {
      const [userId] = cursorKeys(page, ['text'])
      const { name, text } = OF_CONVERSATION[page.direction]
      const [rows = []] = await read({ name, text, values: [tenantId, conversationId, userId, page.count + 1] })
      return pageOf(rows.map(memberOf), page)
    },
    async ownerCount(conversationId) {
      const [rows = []] = await read({ name: 'owner_count', text: OWNERS, values: [tenantId, conversationId] })
      return rows.length
    },
    async unreadCounts(keys) {
      const [rows = []] = await read({ name: 'unread_counts', text: UNREAD, values: [tenantId, keysParameter(keys)] })
      const found = new Map(rows.map(row => [column.integer(row, 'ord'), column.position(row, 'unread')]))
      return keys.map((_, ord) => found.get(ord) ?? 0)
    },
  }
}

function keysParameter(keys: readonly MemberKey[]): string {
  const askable = keys.map(({ conversationId, userId }, ord) => ({ ord, conversationId, userId }))
  return JSON.stringify(askable.filter(key => isId(key.conversationId) && isPlainUnicode(key.userId)))
}

export function memberOf(row: Row): MemberRecord {
  return {
    conversationId: column.text(row, 'conversation_id'),
    userId: column.text(row, 'user_id'),
    role: column.word(row, 'role', ['OWNER', 'ADMIN', 'MEMBER']),
    joinedAt: column.instant(row, 'joined_at'),
    fromPosition: column.position(row, 'from_position'),
    lastDeliveredSeq: column.integer(row, 'last_delivered_seq'),
    lastDeliveredAt: column.orNull(column.instant, row, 'last_delivered_at'),
    lastDeliveredMessageId: column.orNull(column.text, row, 'last_delivered_message_id'),
    lastReadSeq: column.integer(row, 'last_read_seq'),
    lastReadAt: column.orNull(column.instant, row, 'last_read_at'),
    lastReadMessageId: column.orNull(column.text, row, 'last_read_message_id'),
  }
}

const KEYS = `json_to_recordset($2::json) AS k(ord int, "conversationId" uuid, "userId" text)
JOIN member m ON m.tenant_id = $1 AND m.conversation_id = k."conversationId" AND m.user_id = k."userId"
  AND m.to_position IS NULL`

const BY_KEYS = `SELECT k.ord, m.* FROM ${KEYS}`

const UNREAD = `
SELECT k.ord, (
  SELECT count(*) FROM message s
  WHERE s.tenant_id = $1 AND s.conversation_id = m.conversation_id AND s.seq > m.last_read_seq
    AND s.sender_id <> m.user_id AND s.deleted_at IS NULL
) AS unread
FROM ${KEYS}`

const OWNERS = `
SELECT FROM member
WHERE tenant_id = $1 AND conversation_id = $2::uuid AND to_position IS NULL AND role = 'OWNER' LIMIT 2`

function ofConversation(comparison: '<' | '>', order: 'ASC' | 'DESC'): string {
  return `
SELECT m.* FROM member m
WHERE m.tenant_id = $1 AND m.conversation_id = $2::uuid AND m.to_position IS NULL
  AND ($3::text IS NULL OR m.user_id ${comparison} $3::text)
ORDER BY m.user_id ${order} LIMIT $4`
}

const OF_CONVERSATION: Record<PageRequest['direction'], { readonly name: string; readonly text: string }> = {
  forward: { name: 'members_of_conversation', text: ofConversation('>', 'ASC') },
  backward: { name: 'members_of_conversation_backward', text: ofConversation('<', 'DESC') },
}
