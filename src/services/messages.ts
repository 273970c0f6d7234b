import { Refusal } from '../domain/errors.ts'
import { type NewId, storableId } from '../domain/ids.ts'
import { checkJson } from '../domain/json.ts'
import type { Cursor } from '../domain/position.ts'
import type { MessageRecord } from '../domain/records.ts'
import { checkText } from '../domain/text.ts'
import type { Viewer } from '../domain/viewer.ts'
import { command } from '../store/command.ts'
import { deleteMessage, editMessage } from '../store/commands/change-message.ts'
import type { Store, TenantStore } from '../store/store.ts'
import { type MemberAccess, member, refuseArchived } from './access.ts'
import { decide } from './decide.ts'
import { createSending } from './sending.ts'
import type { Changed, MessageService } from './services.ts'

export interface MessageLimits {
  readonly maxContentCodePoints: number
  readonly maxMetadataBytes: number
  readonly maxConversationMembers: number
}

export interface MessageDeps {
  readonly store: Store
  readonly newId: NewId
  readonly limits: MessageLimits
}

const MESSAGE = ['input', 'messageId']

export function createMessageService(deps: MessageDeps): MessageService {
  const { store, limits } = deps
  const checkContent = (content: string) =>
    checkText(content, { max: limits.maxContentCodePoints, field: ['input', 'content'] })

  return {
    ...createSending(deps, input => {
      checkContent(input.content)
      if (input.metadata !== undefined) {
        checkJson(input.metadata, { maxBytes: limits.maxMetadataBytes, field: ['input', 'metadata'] })
      }
    }),

    async edit(viewer, { messageId, content, expectedVersion }) {
      checkContent(content)
      const tenant = store.tenant(viewer.tenantId)
      return decide(tenant, async () => {
        const { message, conversation } = await visibleMessage(tenant, viewer, messageId)
        if (message.senderId !== viewer.userId) throw new Refusal('FORBIDDEN', 'Only its sender may edit it.', MESSAGE)
        refuseDeleted(message)
        refuseArchived(conversation, MESSAGE)
        if (expectedVersion != null && expectedVersion !== message.version) {
          throw new Refusal('CONFLICT', 'The message has changed since.', ['input', 'expectedVersion'])
        }
        const { version } = message
        return {
          command: command(editMessage, { messageId: message.id, actorId: viewer.userId, content, version }),
          done: event => changed({ ...message, content, version: version + 1, editedAt: event.at }, event),
        }
      })
    },

    async remove(viewer, { messageId }) {
      const tenant = store.tenant(viewer.tenantId)
      return decide(tenant, async () => {
        const { message, membership } = await visibleMessage(tenant, viewer, messageId)
        if (message.senderId !== viewer.userId && membership.role === 'MEMBER') {
          throw new Refusal('FORBIDDEN', 'Only its sender, an owner or an admin may delete it.', MESSAGE)
        }
        refuseDeleted(message)
        const tombstone = { ...message, content: null, metadata: null, mentions: [] }
        return {
          command: command(deleteMessage, { messageId: message.id, actorId: viewer.userId }),
          // Edits may have come between: the event says which version went.
          done: event =>
            changed({ ...tombstone, version: event.refs.version ?? message.version, deletedAt: event.at }, event),
        }
      })
    },

    byIds: (viewer, ids) => store.tenant(viewer.tenantId).messages.byIdsOfMember(viewer.userId, ids),
  }
}

/** The message with the viewer's standing in its conversation. Throws `Refusal` NOT_FOUND when there is none that the viewer may see. */
export async function visibleMessage(
  tenant: TenantStore,
  viewer: Viewer,
  messageId: string,
): Promise<MemberAccess & { readonly message: MessageRecord }> {
  const [message] = await tenant.messages.byIds([storableId(messageId)])
  if (message === undefined) throw noMessage()
  try {
    return { message, ...(await member(tenant, viewer, message.conversationId)) }
  } catch (error) {
    throw error instanceof Refusal ? noMessage() : error
  }
}

function noMessage(): Refusal {
  return new Refusal('NOT_FOUND', 'No such message.', MESSAGE)
}

function refuseDeleted(message: MessageRecord): void {
  if (message.deletedAt !== null) throw new Refusal('DELETED', 'The message was deleted.', MESSAGE)
}

function changed(thing: MessageRecord, { position, mark }: Cursor): Changed<MessageRecord> {
  return { thing, position: { position, mark } }
}
