import { isId } from '../domain/ids.ts'
import { cursorKeys, pageOf } from '../domain/page.ts'
import type { MemberRecord } from '../domain/records.ts'
import { isPlainUnicode } from '../domain/text.ts'
import { boundsOf, USER_ID_ENDS } from './bounds.ts'
import type { Row } from './database/database.ts'
import { currentMember } from './lookups.ts'
import * as column from './row.ts'
import type { Members } from './store.ts'
import type { TenantReads } from './tenant-reads.ts'

export function createMembers(reads: TenantReads, tenantId: string): Members {
  return {
    async byKeys(keys) {
      const askable = keys.filter(key => isId(key.conversationId) && isPlainUnicode(key.userId))
      const values = [tenantId, askable.map(key => key.conversationId), askable.map(key => key.userId)]
      const [rows = []] = await reads.grouped({ name: 'members_by_keys', text: BY_KEYS, values })
      const found = new Map(rows.map(row => [askable[column.position(row, 'ord') - 1], memberOf(row)]))
      return keys.map(key => found.get(key))
    },
    async ofConversation(conversationId, page) {
      const [userId] = cursorKeys(page, ['text'])
      const { name, text, order } = OF_CONVERSATION[page.direction]
      const values = [tenantId, conversationId, ...boundsOf(order, userId, USER_ID_ENDS), page.count + 1]
      const [rows = []] = await reads.grouped({ name, text, values })
      return pageOf(rows.map(memberOf), page)
    },
    async ownerCount(conversationId) {
      const [rows = []] = await reads.grouped({
        name: 'owner_count',
        text: OWNERS,
        values: [tenantId, conversationId],
      })
      return rows.length
    },
    async unreadCounts(members) {
      const [ids, userIds] = [members.map(each => each.conversationId), members.map(each => each.userId)]
      const values = [tenantId, ids, userIds, members.map(each => each.lastReadSeq)]
      const [rows = []] = await reads.alone({ name: 'unread_counts', text: UNREAD, values })
      return rows.map(row => column.position(row, 'unread'))
    },
  }
}

/** Of a row with `MEMBERSHIP_COLUMNS` that may all be null. */
export function membershipOf(row: Row): MemberRecord | null {
  return row['user_id'] === null ? null : memberOf(row)
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

/** Of a member `m`, beside the conversation's id. */
export const MEMBERSHIP_COLUMNS = `m.user_id, m.role, m.joined_at, m.from_position, m.last_delivered_seq,
  m.last_delivered_at, m.last_delivered_message_id, m.last_read_seq, m.last_read_at, m.last_read_message_id`

const COLUMNS = `m.conversation_id, ${MEMBERSHIP_COLUMNS}`

const BY_KEYS = `
SELECT k.ord, ${COLUMNS} FROM unnest($2::uuid[], $3::text[]) WITH ORDINALITY AS k(conversation_id, user_id, ord)
CROSS JOIN LATERAL (${currentMember('k.conversation_id', 'k.user_id')}) m`

const UNREAD = `
SELECT (
  SELECT count(*) FROM message s
  WHERE s.tenant_id = $1 AND s.conversation_id = k.conversation_id AND s.seq > k.last_read_seq
    AND s.sender_id <> k.user_id AND s.deleted_at IS NULL
) AS unread
FROM unnest($2::uuid[], $3::text[], $4::int[]) WITH ORDINALITY AS k(conversation_id, user_id, last_read_seq, ord)
ORDER BY k.ord`

const OWNERS = `
SELECT FROM member
WHERE tenant_id = $1 AND conversation_id = $2::uuid AND to_position IS NULL AND role = 'OWNER' LIMIT 2`

function ofConversation(order: 'ASC' | 'DESC'): string {
  return `
SELECT ${COLUMNS} FROM member m
WHERE m.tenant_id = $1 AND m.conversation_id = $2::uuid AND m.to_position IS NULL
  AND m.user_id > $3::text AND m.user_id < $4::text
ORDER BY m.user_id ${order} LIMIT $5`
}

const OF_CONVERSATION = {
  forward: { name: 'members_of_conversation', text: ofConversation('ASC'), order: 'ASC' },
  backward: { name: 'members_of_conversation_backward', text: ofConversation('DESC'), order: 'DESC' },
} as const
