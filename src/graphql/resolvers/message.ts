import { RequestError } from '../../domain/errors.ts'
import type { Context } from '../context.ts'
import { map } from '../eventually.ts'
import type { MessageResolvers, MutationResolvers, QueryResolvers } from '../generated.ts'
import { connection, DEFAULT_PAGE, emptyConnection, pageRequest } from '../paging.ts'
import { isFormer, type MessageSource, seenConversation, seenMessage, userSource } from '../sources.ts'
import { conversationWithin } from './stream.ts'

export const messageQueries = {
  message: (_, { id }, { seen }) => map(seen.messages.load(id), found => (found ? seenMessage(found) : null)),
} satisfies QueryResolvers

export const messageMutations = {
  sendMessage: async (_, { input }, { services, viewer }) => {
    const { thing, position } = await services.messages.send(viewer, input)
    return { message: seenMessage(thing), position, userErrors: [] }
  },
  sendDirectMessage: async (_, { input }, { services, viewer }) => {
    const { thing, position } = await services.messages.sendDirect(viewer, input)
    return { message: seenMessage(thing), position, userErrors: [] }
  },
  editMessage: async (_, { input }, { services, viewer }) => {
    const { thing, position } = await services.messages.edit(viewer, input)
    return { message: seenMessage(thing), position, userErrors: [] }
  },
  deleteMessage: async (_, { input }, { services, viewer }) => {
    const { thing, position } = await services.messages.remove(viewer, input)
    return { message: seenMessage(thing), position, userErrors: [] }
  },
} satisfies MutationResolvers

export const messageTypes = {
  Message: {
    id: ({ record }) => record.id,
    conversationId: ({ record }) => record.conversationId,
    conversation: ({ record, within }, _, context) => {
      if (within !== null) return conversationWithin(record.conversationId, within, context)
      return map(context.seen.conversations.load(record.conversationId), found => {
        if (found === undefined) throw new RequestError('NOT_FOUND', 'The viewer left the conversation just now.')
        return seenConversation(found)
      })
    },
    seq: ({ record }) => record.seq,
    sender: ({ record }) => userSource(record.senderId),
    content: source => (hasItsWords(source) ? source.record.content : null),
    metadata: ({ record }) => (record.deletedAt === null ? record.metadata : null),
    mentions: ({ record }) => record.mentions.map(userSource),
    replyTo: ({ record, within }, _, context) => {
      if (record.replyToId === null) return null
      const { messages } = within === null ? context.seen : context.loaders
      return map(messages.load(record.replyToId), found =>
        found?.conversationId === record.conversationId ? { record: found, within } : null,
      )
    },
    version: ({ record }) => record.version,
    clientMessageId: ({ record }) => record.clientMessageId,
    createdAt: ({ record }) => record.createdAt,
    editedAt: ({ record }) => record.editedAt,
    deletedAt: ({ record }) => record.deletedAt,
    receipts: async ({ record, within }, args, context) => {
      const page = pageRequest(args, { direction: 'forward', count: DEFAULT_PAGE })
      // A retry of a send shows its message even to a sender who has left since.
      if (isFormer({ within })) return emptyConnection()
      if (within === null && !(await isMember(record.conversationId, context))) return emptyConnection()
      return connection(
        await context.tenant.receipts.ofMessage(record, page),
        receipt => receipt,
        receipt => [receipt.userId],
      )
    },
  } satisfies MessageResolvers,
}

/** Deleted words are shown to nobody, and words of a later edit to no one who had left by then. */
function hasItsWords({ record, within }: MessageSource): boolean {
  if (record.deletedAt !== null) return false
  return !within?.former || record.editedAt === null || record.editedAt <= within.at
}

async function isMember(conversationId: string, { seen }: Context): Promise<boolean> {
  const conversation = await seen.conversations.load(conversationId)
  return conversation != null && conversation.membership !== null
}
