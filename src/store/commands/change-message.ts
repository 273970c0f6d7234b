import type { CommittedEvent } from '../../domain/event.ts'
import type { CommandKind } from '../command.ts'
import { eventOutcome, oneEvent } from '../log/one-event.ts'
import { currentMember, messageFrom, openConversation } from '../lookups.ts'

export interface EditMessageInput {
  readonly messageId: string
  readonly actorId: string
  readonly content: string
  /** The version that the decision rested on. */
  readonly version: number
}

/** Guards: the actor sent it and is a member, it stands at that version and is not deleted, the conversation is not archived. */
export const editMessage: CommandKind<CommittedEvent, EditMessageInput> = {
  name: 'edit_message',
  setBased: false,
  actor: input => input.actorId,
  bytes: input => 400 + input.content.length * 2,
  statement: (tenantId, [input]) => ({
    name: 'edit_message',
    text: EDIT,
    values: [tenantId, input?.actorId, input?.messageId, input?.version, input?.content],
  }),
  read: eventOutcome,
}

export interface DeleteMessageInput {
  readonly messageId: string
  readonly actorId: string
}

/** Guards: the actor is a member and sent it or is an owner or admin, and it is not deleted. At whatever version it stands, its words go. */
export const deleteMessage: CommandKind<CommittedEvent, DeleteMessageInput> = {
  name: 'delete_message',
  setBased: false,
  actor: input => input.actorId,
  bytes: () => 400,
  statement: (tenantId, [input]) => ({
    name: 'delete_message',
    text: DELETE,
    values: [tenantId, input?.actorId, input?.messageId],
  }),
  read: eventOutcome,
}

const REFS = `json_build_object('messageId', guard.message_id, 'version', guard.version + 1)`

const EDIT = oneEvent({
  kind: 'MessageEdited',
  guard: `
    SELECT s.conversation_id, s.message_id, s.version, s.place FROM (${messageFrom('$3::uuid')}) s
    CROSS JOIN LATERAL (${openConversation('s.conversation_id')}) c
    CROSS JOIN LATERAL (${currentMember('s.conversation_id', '$2')}) m
    WHERE s.message_id = $3::uuid AND s.version = $4::int AND s.deleted_at IS NULL AND s.sender_id = $2`,
  change: `
    UPDATE message s SET content = $5::text, version = s.version + 1, edited_at = stamp.at
    FROM guard, stamp WHERE s.tenant_id = $1 AND s.ctid = guard.place`,
  refs: REFS,
})

const DELETE = oneEvent({
  kind: 'MessageDeleted',
  guard: `
    SELECT s.conversation_id, s.message_id, s.version, s.place FROM (${messageFrom('$3::uuid')}) s
    CROSS JOIN LATERAL (${currentMember('s.conversation_id', '$2')}) m
    WHERE s.message_id = $3::uuid AND s.deleted_at IS NULL
      AND (s.sender_id = $2 OR m.role IN ('OWNER', 'ADMIN'))`,
  change: `
    UPDATE message s
    SET content = NULL, metadata = NULL, mentions = '{}', version = s.version + 1, deleted_at = stamp.at
    FROM guard, stamp WHERE s.tenant_id = $1 AND s.ctid = guard.place`,
  refs: REFS,
})
