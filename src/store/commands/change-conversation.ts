import type { CommittedEvent } from '../../domain/event.ts'
import type { Json } from '../../domain/json.ts'
import type { MemberRole } from '../../domain/records.ts'
import type { CommandKind } from '../command.ts'
import { eventOutcome, oneEvent } from '../log/one-event.ts'

export interface UpdateConversationInput {
  readonly conversationId: string
  readonly actorId: string
  /** The actor's role that the decision rested on. */
  readonly actorRole: MemberRole
  /** Undefined leaves it; null clears it. */
  readonly title: string | null | undefined
  readonly metadata: Json | undefined
}

/** Guards: the actor is a member of that role, the conversation is not archived. */
export const updateConversation: CommandKind<CommittedEvent, UpdateConversationInput> = {
  name: 'update_conversation',
  setBased: false,
  actor: input => input.actorId,
  bytes: () => 9000,
  statement: (tenantId, [input]) => ({
    name: 'update_conversation',
    text: UPDATE,
    values: [
      tenantId,
      input?.actorId,
      input?.conversationId,
      input?.actorRole,
      input?.title !== undefined,
      input?.title ?? null,
      input?.metadata !== undefined,
      JSON.stringify(input?.metadata ?? null),
    ],
  }),
  read: eventOutcome,
}

export interface ArchiveConversationInput {
  readonly conversationId: string
  readonly actorId: string
  readonly actorRole: MemberRole
  readonly archived: boolean
}

/** Guards: the actor is a member of that role, and the conversation is in the other state. */
export const archiveConversation: CommandKind<CommittedEvent, ArchiveConversationInput> = {
  name: 'archive_conversation',
  setBased: false,
  actor: input => input.actorId,
  bytes: () => 400,
  statement: (tenantId, [input]) => ({
    name: 'archive_conversation',
    text: ARCHIVE,
    values: [tenantId, input?.actorId, input?.conversationId, input?.actorRole, input?.archived],
  }),
  read: eventOutcome,
}

const ACTOR = `
  SELECT c.conversation_id FROM conversation c
  JOIN member m ON m.tenant_id = $1 AND m.conversation_id = c.conversation_id AND m.user_id = $2
    AND m.to_position IS NULL AND m.role = $4::text
  WHERE c.tenant_id = $1 AND c.conversation_id = $3::uuid`

const UPDATE = oneEvent({
  kind: 'ConversationUpdated',
  guard: `${ACTOR} AND c.archived_at IS NULL`,
  conversation: `,
    title = CASE WHEN $5::boolean THEN $6::text ELSE c.title END,
    metadata = CASE WHEN $7::boolean THEN nullif($8::text, 'null')::json ELSE c.metadata END`,
  refs: `json_build_object()`,
})

const ARCHIVE = oneEvent({
  kind: 'ConversationUpdated',
  guard: `${ACTOR} AND (c.archived_at IS NULL) = $5::boolean`,
  conversation: `, archived_at = CASE WHEN $5::boolean THEN stamp.at END`,
  refs: `json_build_object()`,
})
