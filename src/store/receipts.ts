import { cursorKeys, pageOf } from '../domain/page.ts'
import type { ReceiptChange, ReceiptRecord } from '../domain/records.ts'
import { boundsOf, USER_ID_ENDS } from './bounds.ts'
import type { Row } from './database/database.ts'
import { memberOf } from './members.ts'
import * as column from './row.ts'
import type { Receipts } from './store.ts'
import type { TenantReads } from './tenant-reads.ts'

export function createReceipts(reads: TenantReads, tenantId: string): Receipts {
  return {
    async ofMessage(message, page) {
      const [userId] = cursorKeys(page, ['text'])
      const { name, text, order } = OF_MESSAGE[page.direction]
      const { conversationId, position, senderId, seq } = message
      const bounds = boundsOf(order, userId, USER_ID_ENDS)
      const values = [tenantId, conversationId, position, senderId, seq, ...bounds, page.count + 1]
      const [rows = []] = await reads.grouped({ name, text, values })
      return pageOf(rows.map(receiptOf), page)
    },
    async failures(conversationId) {
      const [rows = []] = await reads.alone({
        name: 'standing_failures',
        text: FAILURES,
        values: [tenantId, conversationId],
      })
      return rows.map(failureOf)
    },
    async changedSince(conversationIds, since) {
      const values = [tenantId, conversationIds, since]
      const [members = [], failures = []] = await reads.alone(
        { name: 'members_advanced_since', text: ADVANCED_SINCE, values },
        { name: 'failures_since', text: FAILURES_SINCE, values },
      )
      return { members: members.map(memberOf), failures: failures.map(failureOf) }
    },
  }
}

function failureOf(row: Row): ReceiptChange {
  return {
    receiptPosition: column.position(row, 'receipt_position'),
    kind: 'FAILED',
    conversationId: column.text(row, 'conversation_id'),
    userId: column.text(row, 'user_id'),
    messageId: column.text(row, 'message_id'),
    seq: column.integer(row, 'seq'),
    at: column.instant(row, 'at'),
    reason: column.orNull(column.text, row, 'reason'),
  }
}

function receiptOf(row: Row): ReceiptRecord {
  return {
    userId: column.text(row, 'user_id'),
    deliveredAt: column.orNull(column.instant, row, 'delivered_at'),
    readAt: column.orNull(column.instant, row, 'read_at'),
    failedAt: column.orNull(column.instant, row, 'failed_at'),
    failureReason: column.orNull(column.text, row, 'failure_reason'),
  }
}

/** When the message was first reached: the lowest advance at or above its number says so, unless the member was there before, by one not kept. */
function firstAdvance(kind: 'DELIVERED' | 'READ'): string {
  return `LEFT JOIN LATERAL (
  SELECT CASE WHEN r.after_seq < $5::int THEN r.at END AS at FROM receipt r
  WHERE r.tenant_id = $1 AND r.conversation_id = m.conversation_id AND r.user_id = m.user_id AND r.kind = '${kind}'
    AND r.seq >= $5::int
  ORDER BY r.seq LIMIT 1
)`
}

/** LATERAL with its LIMIT keeps it to the members of the page: joined plainly, it reads every receipt of a large conversation (measured). */
const FAILURE = `LEFT JOIN LATERAL (
  SELECT at, reason FROM receipt r
  WHERE r.tenant_id = $1 AND r.conversation_id = m.conversation_id AND r.user_id = m.user_id AND r.kind = 'FAILED'
    AND r.seq = $5::int
  LIMIT 1
)`

function ofMessage(order: 'ASC' | 'DESC'): string {
  return `
SELECT m.user_id, delivered.at AS delivered_at, seen.at AS read_at,
  CASE WHEN m.last_delivered_seq < $5::int THEN failed.at END AS failed_at,
  CASE WHEN m.last_delivered_seq < $5::int THEN failed.reason END AS failure_reason
FROM member m
${firstAdvance('DELIVERED')} delivered ON true
${firstAdvance('READ')} seen ON true
${FAILURE} failed ON true
WHERE m.tenant_id = $1 AND m.conversation_id = $2::uuid AND m.to_position IS NULL AND m.from_position <= $3::bigint
  AND m.user_id <> $4::text AND m.user_id > $6::text AND m.user_id < $7::text
ORDER BY m.user_id ${order} LIMIT $8`
}

const OF_MESSAGE = {
  forward: { name: 'receipts_of_message', text: ofMessage('ASC'), order: 'ASC' },
  backward: { name: 'receipts_of_message_backward', text: ofMessage('DESC'), order: 'DESC' },
} as const

const STANDING_FAILURES = `
SELECT r.conversation_id, r.user_id, r.message_id, r.seq, r.receipt_position, r.reason, r.at FROM receipt r
JOIN member m ON m.tenant_id = $1 AND m.conversation_id = r.conversation_id AND m.user_id = r.user_id
  AND m.to_position IS NULL AND m.last_delivered_seq < r.seq
WHERE r.tenant_id = $1 AND r.kind = 'FAILED'`

const ADVANCED_SINCE = `
SELECT * FROM member
WHERE tenant_id = $1 AND conversation_id = ANY($2::uuid[]) AND to_position IS NULL
  AND ($3::timestamptz IS NULL OR last_delivered_at >= $3::timestamptz OR last_read_at >= $3::timestamptz)`

const FAILURES_SINCE = `
${STANDING_FAILURES} AND r.conversation_id = ANY($2::uuid[]) AND ($3::timestamptz IS NULL OR r.at >= $3::timestamptz)
ORDER BY r.receipt_position DESC LIMIT 1000`

const FAILURES = `
${STANDING_FAILURES} AND r.conversation_id = $2::uuid
ORDER BY r.receipt_position DESC LIMIT 1000`
