import type { CommittedEvent } from '../../domain/event.ts'
import type { MemberRole } from '../../domain/records.ts'
import type { CommandKind } from '../command.ts'
import { MARK_OF_NTH, NEW_MARK } from '../log/head.ts'
import { EVENT_COLUMNS, eventOf, eventOutcome, oneEvent } from '../log/one-event.ts'

export interface AddMembersInput {
  readonly conversationId: string
  readonly actorId: string
  /** Null: the actor joins a PUBLIC conversation and is the one in `userIds`. */
  readonly actorRole: MemberRole | null
  /** Known users, each once. Those who are members already are passed over. */
  readonly userIds: readonly string[]
  readonly maxMembers: number
}

/**
 * Guards: the actor is a member of that role (or the conversation is PUBLIC, when it has none), it is not archived and has room for all. One
 * MemberJoined each; what was said before counts as delivered and read. Who comes first into a conversation that all had left owns it.
 */
export const addMembers: CommandKind<readonly CommittedEvent[], AddMembersInput> = {
  name: 'add_members',
  setBased: false,
  actor: input => input.actorId,
  bytes: input => 400 + input.userIds.length * 80,
  statement: (tenantId, [input]) => ({
    name: 'add_members',
    text: ADD,
    values: [
      tenantId,
      input?.actorId,
      input?.conversationId,
      input?.actorRole,
      JSON.stringify(input?.userIds),
      input?.maxMembers,
    ],
  }),
  read(rows) {
    const events = rows.map(eventOf)
    return events.length === 0 ? undefined : { result: events, events, receipts: [] }
  },
}

export interface RemoveMemberInput {
  readonly conversationId: string
  readonly actorId: string
  /** The roles that the decision rested on; for one who leaves, both are the same. */
  readonly actorRole: MemberRole
  readonly userId: string
  readonly userRole: MemberRole
}

/** Guards: both are members of those roles, and an owner is not the last one unless nobody else is left. */
export const removeMember: CommandKind<CommittedEvent, RemoveMemberInput> = {
  name: 'remove_member',
  setBased: false,
  actor: input => input.actorId,
  bytes: () => 400,
  statement: (tenantId, [input]) => ({
    name: 'remove_member',
    text: REMOVE,
    values: [tenantId, input?.actorId, input?.conversationId, input?.actorRole, input?.userId, input?.userRole],
  }),
  read: eventOutcome,
}

export interface UpdateMemberInput extends RemoveMemberInput {
  readonly role: MemberRole
}

/** Guards: both are members of those roles, and the last owner stays one. */
export const updateMember: CommandKind<CommittedEvent, UpdateMemberInput> = {
  name: 'update_member',
  setBased: false,
  actor: input => input.actorId,
  bytes: () => 400,
  statement: (tenantId, [input]) => ({
    name: 'update_member',
    text: UPDATE,
    values: [
      tenantId,
      input?.actorId,
      input?.conversationId,
      input?.actorRole,
      input?.userId,
      input?.userRole,
      input?.role,
    ],
  }),
  read: eventOutcome,
}

const ADD = `
WITH newcomer AS (
  SELECT u.user_id, row_number() OVER (ORDER BY u.nth) AS nth
  FROM json_array_elements_text($5::json) WITH ORDINALITY AS u(user_id, nth)
  WHERE NOT EXISTS (
    SELECT FROM member m WHERE m.tenant_id = $1 AND m.conversation_id = $3::uuid AND m.user_id = u.user_id
      AND m.to_position IS NULL)
),
total AS (SELECT count(*)::int AS total FROM newcomer),
guard AS (
  SELECT c.conversation_id, c.last_seq, c.member_count, total.total FROM conversation c, total
  WHERE c.tenant_id = $1 AND c.conversation_id = $3::uuid AND c.archived_at IS NULL AND total.total > 0
    AND c.member_count + total.total <= $6::int
    AND CASE WHEN $4::text IS NULL THEN c.kind = 'PUBLIC' ELSE EXISTS (
      SELECT FROM member m WHERE m.tenant_id = $1 AND m.conversation_id = c.conversation_id AND m.user_id = $2
        AND m.to_position IS NULL AND m.role = $4::text) END
),
stamp AS MATERIALIZED (SELECT clock_timestamp()::timestamptz(3) AS at),
head AS (
  UPDATE tenant_head h SET position = h.position + guard.total, mark = ${NEW_MARK} FROM guard WHERE h.tenant_id = $1
  RETURNING h.position - guard.total AS base, h.position AS last, h.mark
),
room AS (
  UPDATE conversation c
  SET last_seq = c.last_seq + guard.total, last_position = head.base + guard.total,
    member_count = c.member_count + guard.total
  FROM guard, head WHERE c.tenant_id = $1 AND c.conversation_id = guard.conversation_id
),
joined AS (
  INSERT INTO member (tenant_id, conversation_id, user_id, from_position, role, joined_at, last_delivered_seq,
    last_read_seq)
  SELECT $1, guard.conversation_id, n.user_id, head.base + n.nth,
    CASE WHEN guard.member_count = 0 AND n.nth = 1 THEN 'OWNER' ELSE 'MEMBER' END,
    stamp.at, guard.last_seq + n.nth, guard.last_seq + n.nth
  FROM newcomer n, guard, head, stamp
),
logged AS (
  INSERT INTO event (tenant_id, position, mark, conversation_id, seq, kind, actor_id, refs, at)
  SELECT $1, head.base + n.nth, ${MARK_OF_NTH}, guard.conversation_id, guard.last_seq + n.nth, 'MemberJoined', $2,
    json_build_object('userId', n.user_id), stamp.at
  FROM newcomer n, guard, head, stamp
  RETURNING ${EVENT_COLUMNS}
)
SELECT * FROM logged ORDER BY position`

const ACTOR_AND_USER = `
  SELECT c.conversation_id FROM conversation c
  JOIN member a ON a.tenant_id = $1 AND a.conversation_id = c.conversation_id AND a.user_id = $2
    AND a.to_position IS NULL AND a.role = $4::text
  JOIN member u ON u.tenant_id = $1 AND u.conversation_id = c.conversation_id AND u.user_id = $5::text
    AND u.to_position IS NULL AND u.role = $6::text
  WHERE c.tenant_id = $1 AND c.conversation_id = $3::uuid`

const ANOTHER_OWNER = `EXISTS (
  SELECT FROM member o WHERE o.tenant_id = $1 AND o.conversation_id = c.conversation_id AND o.user_id <> $5::text
    AND o.to_position IS NULL AND o.role = 'OWNER')`

const THIS_MEMBER = `m.tenant_id = $1 AND m.conversation_id = guard.conversation_id AND m.user_id = $5::text
      AND m.to_position IS NULL`

const REMOVE = oneEvent({
  kind: 'MemberLeft',
  guard: `${ACTOR_AND_USER} AND ($6::text <> 'OWNER' OR c.member_count = 1 OR ${ANOTHER_OWNER})`,
  conversation: `, member_count = c.member_count - 1`,
  change: `UPDATE member m SET to_position = head.position FROM guard, head WHERE ${THIS_MEMBER}`,
  refs: `json_build_object('userId', $5::text)`,
})

const UPDATE = oneEvent({
  kind: 'MemberUpdated',
  guard: `${ACTOR_AND_USER} AND ($6::text <> 'OWNER' OR $7::text = 'OWNER' OR ${ANOTHER_OWNER})`,
  change: `UPDATE member m SET role = $7::text FROM guard WHERE ${THIS_MEMBER}`,
  refs: `json_build_object('userId', $5::text)`,
})
