import { newId } from '../../src/domain/ids.ts'
import type { ConversationKind, MemberRole } from '../../src/domain/records.ts'
import { command } from '../../src/store/command.ts'
import { addMembers, removeMember } from '../../src/store/commands/change-members.ts'
import { createConversation } from '../../src/store/commands/create-conversation.ts'
import { type SendMessageInput, toSend } from '../../src/store/commands/send-message.ts'
import type { TenantStore } from '../../src/store/store.ts'

/** Makes the users, so that rows may point at them. */
export async function enrol(tenant: TenantStore, ...userIds: readonly string[]): Promise<void> {
  for (const id of userIds) await tenant.users.ensure({ id, name: id, avatarUrl: null })
}

/** A conversation of these members, the first its owner. */
export async function conversationOf(
  tenant: TenantStore,
  userIds: readonly string[],
  options: { readonly kind?: ConversationKind; readonly roles?: readonly MemberRole[] } = {},
): Promise<string> {
  const conversationId = newId()
  const [creatorId = ''] = userIds
  const members = userIds.map(
    (userId, n) => ({ userId, role: options.roles?.[n] ?? (n === 0 ? 'OWNER' : 'MEMBER') }) as const,
  )
  const made = await tenant.log.submit(
    command(createConversation, {
      conversationId,
      kind: options.kind ?? 'GROUP',
      title: null,
      metadata: null,
      creatorId,
      members,
      directKey: null,
      idempotencyKey: null,
      inputHash: '00',
    }),
  )
  if (made?.type !== 'created') throw new Error('the conversation was not created')
  return conversationId
}

export function draft(
  conversationId: string,
  senderId: string,
  over: Partial<SendMessageInput> = {},
): SendMessageInput {
  return {
    messageId: newId(),
    conversationId,
    senderId,
    content: 'Hello',
    metadata: null,
    mentions: [],
    replyToId: null,
    clientMessageId: newId(),
    inputHash: '00',
    ...over,
  }
}

/** Sends, and fails unless it was sent. */
export async function say(tenant: TenantStore, conversationId: string, senderId: string, content = 'Hello') {
  const result = await tenant.log.submit(toSend(draft(conversationId, senderId, { content })))
  if (result?.type !== 'sent') throw new Error('the message was not sent')
  return result.message
}

export function join(tenant: TenantStore, conversationId: string, ownerId: string, userId: string) {
  const input = { conversationId, actorId: ownerId, actorRole: 'OWNER', userIds: [userId], maxMembers: 1_000 } as const
  return tenant.log.submit(command(addMembers, input))
}

export function removeFrom(tenant: TenantStore, conversationId: string, ownerId: string, userId: string) {
  const input = { conversationId, actorId: ownerId, actorRole: 'OWNER', userId, userRole: 'MEMBER' } as const
  return tenant.log.submit(command(removeMember, input))
}
