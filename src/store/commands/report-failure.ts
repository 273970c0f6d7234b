import type { ReceiptChange } from '../../domain/records.ts'
import type { CommandKind } from '../command.ts'
import * as column from '../row.ts'

export interface ReportFailureInput {
  readonly conversationId: string
  readonly userId: string
  readonly messageId: string
  readonly seq: number
  readonly reason: string
}

/** Guards: the user is a member whom the message has not reached. A second report replaces the first. */
export const reportFailure: CommandKind<ReceiptChange, ReportFailureInput> = {
  name: 'report_failure',
  setBased: false,
  actor: input => input.userId,
  bytes: () => 800,
  statement: (tenantId, [input]) => ({
    name: 'report_failure',
    text: REPORT,
    values: [tenantId, input?.userId, input?.conversationId, input?.messageId, input?.seq, input?.reason],
  }),
  read(rows, input) {
    const [row] = rows
    if (row === undefined) return undefined
    const result: ReceiptChange = {
      receiptPosition: column.position(row, 'receipt_position'),
      kind: 'FAILED',
      conversationId: input.conversationId,
      userId: input.userId,
      messageId: input.messageId,
      seq: input.seq,
      at: column.instant(row, 'at'),
      reason: input.reason,
    }
    return { result, events: [], receipts: [result] }
  },
}

const REPORT = `
WITH guard AS (
  SELECT m.conversation_id FROM member m
  WHERE m.tenant_id = $1 AND m.conversation_id = $3::uuid AND m.user_id = $2 AND m.to_position IS NULL
    AND m.last_delivered_seq < $5::int
),
head AS (
  UPDATE tenant_head h SET receipt_position = h.receipt_position + 1 FROM guard WHERE h.tenant_id = $1
  RETURNING h.receipt_position
)
INSERT INTO receipt (tenant_id, conversation_id, user_id, kind, seq, message_id, receipt_position, reason, at)
SELECT $1, guard.conversation_id, $2, 'FAILED', $5::int, $4::uuid, head.receipt_position, $6::text, clock_timestamp()
FROM guard, head
ON CONFLICT (tenant_id, conversation_id, user_id, kind, seq) DO UPDATE
  SET receipt_position = excluded.receipt_position, reason = excluded.reason, at = excluded.at
RETURNING receipt_position, at`
