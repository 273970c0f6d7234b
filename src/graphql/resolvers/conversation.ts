import type { Page } from '../../domain/page.ts'
import type { SeenConversation } from '../../services/services.ts'
import type { MemberKey } from '../../store/store.ts'
import type { Context } from '../context.ts'
import { map } from '../eventually.ts'
import type { ConversationResolvers, MutationResolvers, QueryResolvers } from '../generated.ts'
import { connection, DEFAULT_PAGE, emptyConnection, pageRequest } from '../paging.ts'
import {
  type ConversationSource,
  isFormer,
  type MessageSource,
  seenConversation,
  seenMessage,
  userSource,
} from '../sources.ts'

const LISTED = { direction: 'forward', count: 20 } as const
const HISTORY = { direction: 'backward', count: DEFAULT_PAGE } as const
const NEWEST = { direction: 'backward', count: 1, cursor: null } as const

export const conversationQueries = {
  conversation: (_, { id }, { seen }) =>
    map(seen.conversations.load(id), found => (found ? seenConversation(found) : null)),
  conversations: async (_, args, { services, viewer, seen, loaders }) => {
    const page = await services.conversations.list(viewer, pageRequest(args, LISTED))
    for (const { last } of page.items) {
      if (last === null) continue
      seen.messages.prime(last.message.id, last.message)
      loaders.users.prime(last.sender.id, last.sender)
    }
    return listed(page, each => [each.lastPosition, each.id])
  },
  publicConversations: async (_, args, { services, viewer }) =>
    listed(await services.conversations.listPublic(viewer, pageRequest(args, LISTED)), each => [each.id]),
} satisfies QueryResolvers

export const conversationMutations = {
  createConversation: async (_, { input }, { services, viewer }) => {
    const { thing, position } = await services.conversations.create(viewer, input)
    return { conversation: seenConversation(thing), position, userErrors: [] }
  },
  updateConversation: async (_, { input }, { services, viewer }) => {
    const { thing, position } = await services.conversations.update(viewer, input)
    return { conversation: seenConversation(thing), position, userErrors: [] }
  },
  archiveConversation: async (_, { input }, { services, viewer }) => {
    const { thing, position } = await services.conversations.archive(viewer, input)
    return { conversation: seenConversation(thing), position, userErrors: [] }
  },
} satisfies MutationResolvers

export const conversationTypes = {
  Conversation: {
    id: ({ record }) => record.id,
    kind: ({ record }) => record.kind,
    title: source => (isPresent(source) ? source.record.title : null),
    memberCount: source => (isPresent(source) ? source.record.memberCount : 0),
    metadata: source => (isOpen(source) && !isFormer(source) ? source.record.metadata : null),
    createdBy: source =>
      isOpen(source) && source.record.createdBy !== null ? userSource(source.record.createdBy) : null,
    createdAt: ({ record }) => record.createdAt,
    archivedAt: source => (isPresent(source) ? source.record.archivedAt : null),
    position: ({ record, within }) => within?.position ?? record.head,
    lastMessage: (source, _, context) => (isOpen(source) ? lastMessage(source, context) : null),
    messages: async (source, args, { tenant }) => {
      const page = pageRequest(args, HISTORY)
      if (!isOpen(source)) return emptyConnection()
      const { record, within } = source
      const found = await tenant.messages.ofConversation(record.id, lastSeq(source), page)
      return connection(
        found,
        message => ({ record: message, within }),
        message => [message.seq],
      )
    },
    members: async (source, args, { tenant }) => {
      const page = pageRequest(args, { direction: 'forward', count: DEFAULT_PAGE })
      if (!isOpen(source) || isFormer(source)) return emptyConnection()
      const found = await tenant.members.ofConversation(source.record.id, page)
      return connection(
        found,
        member => member,
        member => [member.userId],
      )
    },
    viewerMembership: (source, _, context) => membership(source, context),
    unreadCount: (source, _, context) =>
      map(membership(source, context), member => (member ? context.loaders.unreadCounts.load(member) : 0)),
  } satisfies ConversationResolvers,
}

/** Whether more may be shown than what everyone of the tenant may see of a PUBLIC one. Who may see an event was a member then. */
function isOpen(source: ConversationSource): boolean {
  return source.within !== null || source.membership !== null
}

/** Whether it may be shown as it is now: to one who has left, only what everyone of the tenant may see. */
function isPresent(source: ConversationSource): boolean {
  return source.record.kind === 'PUBLIC' || !isFormer(source)
}

/** The newest number that may be shown: of the same instant as `position`. */
function lastSeq({ record, within }: ConversationSource): number {
  return within === null ? record.lastSeq : Math.min(record.lastSeq, within.seq)
}

async function lastMessage({ record, within }: ConversationSource, context: Context): Promise<MessageSource | null> {
  if (record.lastMessageId === null) return null
  if (within === null) {
    const message = await context.seen.messages.load(record.lastMessageId)
    return message ? seenMessage(message) : null
  }
  const newest = await context.loaders.messages.load(record.lastMessageId)
  if (newest && newest.seq <= within.seq) return { record: newest, within }
  const [message] = (await context.tenant.messages.ofConversation(record.id, within.seq, NEWEST)).items
  return message ? { record: message, within } : null
}

function membership(source: ConversationSource, context: Context) {
  if (source.within === null) return source.membership
  return map(context.loaders.members.load(ownKey(source, context)), member => member ?? null)
}

function ownKey({ record }: ConversationSource, { viewer }: Context): MemberKey {
  return { conversationId: record.id, userId: viewer.userId }
}

function listed(page: Page<SeenConversation>, keyOf: (each: SeenConversation) => readonly (string | number)[]) {
  return connection(page, seenConversation, keyOf)
}
