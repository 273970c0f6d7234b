import type { CommittedEvent } from '../../domain/event.ts'
import type { Json } from '../../domain/json.ts'
import type { ConversationKind, MemberRole } from '../../domain/records.ts'
import type { CommandKind } from '../command.ts'
import { NEW_MARK } from '../log/head.ts'
import { EVENT_COLUMNS, eventOf } from '../log/one-event.ts'
import * as column from '../row.ts'

export interface CreateConversationInput {
  readonly conversationId: string
  readonly kind: ConversationKind
  readonly title: string | null
  readonly metadata: Json
  readonly creatorId: string
  /** The creator included. */
  readonly members: readonly { readonly userId: string; readonly role: MemberRole }[]
  /** Of a DIRECT one: see `directKey`. */
  readonly directKey: string | null
  readonly idempotencyKey: string | null
  /** In hexadecimal. */
  readonly inputHash: string
}

/** `known`: the idempotency key was used before, for that one; `existing`: these people have that DIRECT one, and the key is kept for it too. */
export type CreateConversationResult =
  | { readonly type: 'created'; readonly event: CommittedEvent }
  | { readonly type: 'known'; readonly conversationId: string; readonly inputHash: string }
  | { readonly type: 'existing'; readonly conversationId: string }

/** One event begins every member's interval: no MemberJoined is said of those whom the conversation began with. */
export const createConversation: CommandKind<CreateConversationResult, CreateConversationInput> = {
  name: 'create_conversation',
  setBased: false,
  actor: input => input.creatorId,
  bytes: ({ metadata, members }) => 600 + JSON.stringify(metadata).length + members.length * 80,
  statement: (tenantId, [input]) => ({
    name: 'create_conversation',
    text: CREATE,
    values: [
      tenantId,
      input?.creatorId,
      input?.conversationId,
      input?.kind,
      input?.title,
      JSON.stringify(input?.metadata ?? null),
      input?.directKey,
      JSON.stringify(input?.members),
      input?.idempotencyKey,
      input?.inputHash,
    ],
  }),
  read(rows) {
    const [row] = rows
    if (row === undefined) return undefined
    switch (column.word(row, 'outcome', ['created', 'known', 'existing'])) {
      case 'created': {
        const event = eventOf(row)
        return { result: { type: 'created', event }, events: [event], receipts: [] }
      }
      case 'known': {
        const inputHash = column.text(row, 'input_hash')
        const conversationId = column.text(row, 'conversation_id')
        return { result: { type: 'known', conversationId, inputHash }, events: [], receipts: [] }
      }
      case 'existing': {
        const conversationId = column.text(row, 'conversation_id')
        return { result: { type: 'existing', conversationId }, events: [], receipts: [] }
      }
    }
  },
}

const CREATE = `
WITH known AS (
  SELECT target_id, input_hash FROM idempotency_key
  WHERE tenant_id = $1 AND user_id = $2 AND scope = 'conversation' AND key = $9::text
),
existing AS (
  SELECT conversation_id FROM conversation
  WHERE tenant_id = $1 AND direct_key = $7::text AND NOT EXISTS (SELECT FROM known)
),
people AS (SELECT * FROM json_to_recordset($8::json) AS p("userId" text, role text)),
stamp AS MATERIALIZED (SELECT clock_timestamp()::timestamptz(3) AS at),
head AS (
  UPDATE tenant_head h SET position = h.position + 1, mark = ${NEW_MARK}
  WHERE h.tenant_id = $1 AND NOT EXISTS (SELECT FROM known) AND NOT EXISTS (SELECT FROM existing)
  RETURNING h.position, h.mark
),
made AS (
  INSERT INTO conversation (tenant_id, conversation_id, kind, title, metadata, direct_key, created_by, created_at,
    member_count, last_seq, last_position)
  SELECT $1, $3::uuid, $4::text, $5::text, nullif($6::text, 'null')::json, $7::text, $2, stamp.at,
    (SELECT count(*) FROM people), 1, head.position
  FROM head, stamp
),
peopled AS (
  INSERT INTO member (tenant_id, conversation_id, user_id, from_position, role, joined_at, last_delivered_seq,
    last_read_seq)
  SELECT $1, $3::uuid, people."userId", head.position, people.role, stamp.at, 1, 1 FROM people, head, stamp
),
kept AS (
  INSERT INTO idempotency_key (tenant_id, user_id, scope, key, target_id, input_hash)
  SELECT $1, $2, 'conversation', $9::text, target.id, decode($10::text, 'hex')
  FROM (SELECT $3::uuid AS id FROM head UNION ALL SELECT conversation_id FROM existing) AS target
  WHERE $9::text IS NOT NULL
),
logged AS (
  INSERT INTO event (tenant_id, position, mark, conversation_id, seq, kind, actor_id, refs, at)
  SELECT $1, head.position, head.mark, $3::uuid, 1, 'ConversationCreated', $2,
    json_build_object('memberIds', (SELECT json_agg("userId") FROM people)), stamp.at
  FROM head, stamp
  RETURNING ${EVENT_COLUMNS}
)
SELECT 'created' AS outcome, ${EVENT_COLUMNS}, NULL AS input_hash FROM logged
UNION ALL
SELECT 'known', NULL, NULL, target_id, NULL, NULL, NULL, NULL, NULL, encode(input_hash, 'hex') FROM known
UNION ALL
SELECT 'existing', NULL, NULL, conversation_id, NULL, NULL, NULL, NULL, NULL, NULL FROM existing`
