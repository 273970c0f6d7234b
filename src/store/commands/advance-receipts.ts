import type { MemberRecord, ReceiptChange } from '../../domain/records.ts'
import type { CommandKind } from '../command.ts'
import type { Row } from '../database/database.ts'
import { currentMember, FEW } from '../lookups.ts'
import { memberOf } from '../members.ts'
import * as column from '../row.ts'

export interface AdvanceReceiptInput {
  readonly conversationId: string
  readonly userId: string
  readonly messageId: string
  /** The message's number: all up to and including it. */
  readonly seq: number
  /** Read implies delivered. */
  readonly read: boolean
  /** Larger conversations keep no row per advance, only how far each member got. */
  readonly historyMaxMembers: number
}

/** All advances of a batch in one statement. Guard: the user is a member. Resolves to the member as it is afterwards; going back changes nothing. */
export const advanceReceipt: CommandKind<MemberRecord, AdvanceReceiptInput> = {
  name: 'advance_receipt',
  setBased: true,
  actor: input => input.userId,
  conflictKey: input => JSON.stringify([input.conversationId, input.userId]),
  bytes: () => 250,
  statement: (tenantId, inputs) => ({
    name: 'advance_receipt',
    text: ADVANCE,
    values: [tenantId, JSON.stringify(inputs.map((input, ord) => ({ ord, ...input })))],
  }),
  read(rows, input) {
    const [first] = rows
    if (first === undefined) return undefined
    const receipts = rows.filter(row => row['kind'] !== null).map(row => changeOf(row, input))
    const result = receipts.reduce(advanced, memberOf(first))
    return { result, events: [], receipts }
  },
}

function changeOf(row: Row, input: AdvanceReceiptInput): ReceiptChange {
  return {
    receiptPosition: column.position(row, 'receipt_position'),
    kind: column.word(row, 'kind', ['DELIVERED', 'READ']),
    conversationId: input.conversationId,
    userId: input.userId,
    messageId: input.messageId,
    seq: input.seq,
    at: column.instant(row, 'at'),
    reason: null,
  }
}

function advanced(member: MemberRecord, { kind, seq, at, messageId }: ReceiptChange): MemberRecord {
  return kind === 'READ'
    ? { ...member, lastReadSeq: seq, lastReadAt: at, lastReadMessageId: messageId }
    : { ...member, lastDeliveredSeq: seq, lastDeliveredAt: at, lastDeliveredMessageId: messageId }
}

const ADVANCE = `
WITH input AS (
  SELECT * FROM json_to_recordset($2::json) AS i(
    ord int, "conversationId" uuid, "userId" text, "messageId" uuid, seq int, read boolean, "historyMaxMembers" int)
  WHERE ${FEW('ord')}
),
target AS (
  SELECT i.ord, i.seq AS to_seq, i."messageId", m.*, m.last_delivered_seq < i.seq AS delivers,
    i.read AND m.last_read_seq < i.seq AS reads, c.member_count <= i."historyMaxMembers" AS keeps
  FROM input i
  CROSS JOIN LATERAL (
    SELECT c.member_count FROM conversation c
    WHERE c.tenant_id = $1 AND c.conversation_id = i."conversationId" LIMIT 1
  ) c
  CROSS JOIN LATERAL (${currentMember('i."conversationId"', 'i."userId"')}) m
),
advance AS (
  SELECT t.*, a.kind, a.after_seq, row_number() OVER (ORDER BY t.ord, a.kind) AS nth
  FROM target t CROSS JOIN LATERAL (VALUES
    ('DELIVERED', t.delivers, t.last_delivered_seq), ('READ', t.reads, t.last_read_seq)) AS a(kind, happens, after_seq)
  WHERE a.happens
),
stamp AS MATERIALIZED (SELECT clock_timestamp()::timestamptz(3) AS at),
head AS (
  UPDATE tenant_head h SET receipt_position = h.receipt_position + t.total
  FROM (SELECT count(*) AS total FROM advance) t WHERE h.tenant_id = $1 AND t.total > 0
  RETURNING h.receipt_position - t.total AS base
),
moved AS (
  UPDATE member m SET
    last_delivered_seq = CASE WHEN t.delivers THEN t.to_seq ELSE m.last_delivered_seq END,
    last_delivered_at = CASE WHEN t.delivers THEN stamp.at ELSE m.last_delivered_at END,
    last_delivered_message_id = CASE WHEN t.delivers THEN t."messageId" ELSE m.last_delivered_message_id END,
    last_read_seq = CASE WHEN t.reads THEN t.to_seq ELSE m.last_read_seq END,
    last_read_at = CASE WHEN t.reads THEN stamp.at ELSE m.last_read_at END,
    last_read_message_id = CASE WHEN t.reads THEN t."messageId" ELSE m.last_read_message_id END
  FROM target t, stamp
  WHERE m.tenant_id = $1 AND m.ctid = t.place AND (t.delivers OR t.reads)
),
kept AS (
  INSERT INTO receipt (tenant_id, conversation_id, user_id, kind, seq, after_seq, message_id, receipt_position, at)
  SELECT $1, a.conversation_id, a.user_id, a.kind, a.to_seq, a.after_seq, a."messageId", head.base + a.nth, stamp.at
  FROM advance a, head, stamp WHERE a.keeps
  ON CONFLICT (tenant_id, conversation_id, user_id, kind, seq) DO UPDATE
    SET receipt_position = excluded.receipt_position, at = excluded.at
)
SELECT t.*, a.kind, head.base + a.nth AS receipt_position, stamp.at
FROM target t CROSS JOIN stamp LEFT JOIN advance a ON a.ord = t.ord LEFT JOIN head ON true
ORDER BY t.ord, a.kind`
