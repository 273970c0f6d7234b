import type { StreamItem } from '../../domain/event.ts'
import { encodeCursor } from '../../domain/position.ts'
import type { MemberRecord } from '../../domain/records.ts'
import type { Context } from '../context.ts'
import { map } from '../eventually.ts'
import type { QueryResolvers } from '../generated.ts'
import { connectionOf, MAX_PAGE, pageRequest } from '../paging.ts'
import { type ConversationSource, type EventItem, type MessageSource, userSource, type Within } from '../sources.ts'

export const streamQueries = {
  events: async (_, { after, first }, { services, viewer, loaders }) => {
    const { count } = pageRequest({ first }, { direction: 'forward', count: MAX_PAGE })
    const { items, end, hasNextPage } = await services.streams.events(viewer, after, count)
    for (const item of items) primeMade(item, loaders)
    const edges = items.map(node => ({ cursor: encodeCursor(node.position), node }))
    const shown = connectionOf(edges, { hasNextPage, hasPreviousPage: false })
    // A stretch of the log without a word to the viewer has an end to go on from, and no edge.
    return { ...shown, pageInfo: { ...shown.pageInfo, endCursor: encodeCursor(end) } }
  },
} satisfies QueryResolvers

const conversationEvent = {
  seq: ({ event }: EventItem) => event.seq,
  conversationId: ({ event }: EventItem) => event.conversationId,
  conversation: (item: EventItem, _: unknown, context: Context) =>
    conversationWithin(item.event.conversationId, withinOf(item), context),
  actor: ({ event }: EventItem) => (event.actorId === null ? null : userSource(event.actorId)),
  at: ({ event }: EventItem) => event.at,
}

const messageEvent = { ...conversationEvent, message }
const memberEvent = { ...conversationEvent, member }

export const streamTypes = {
  StreamEvent: { __resolveType: (item: StreamItem) => (item.type === 'event' ? item.event.kind : item.type) },
  ConversationEvent: { __resolveType: ({ event }: EventItem) => event.kind },
  MessageSent: messageEvent,
  MessageEdited: messageEvent,
  MessageDeleted: messageEvent,
  MemberJoined: memberEvent,
  MemberUpdated: memberEvent,
  MemberLeft: { ...conversationEvent, user: (item: EventItem) => userSource(subjectOf(item)) },
  ConversationCreated: conversationEvent,
  ConversationUpdated: conversationEvent,
}

/** What an event's own commit, or the read that brought it, knew need not be read again. */
export function primeMade(item: StreamItem, { messages, users }: Context['loaders']): void {
  const made = item.type === 'event' ? item.event.made?.() : undefined
  if (made === undefined) return
  messages.prime(made.message.id, made.message)
  users.prime(made.sender.id, made.sender)
}

/** The conversation as everyone who may see the event may see it. */
export function conversationWithin(
  id: string,
  within: Within,
  { loaders }: Context,
): ConversationSource | Promise<ConversationSource> {
  return map(loaders.conversations.load(id), record => {
    if (record === undefined) throw new Error('An event is of a conversation that is not there.')
    return { record, within }
  })
}

function message(item: EventItem, _: unknown, { loaders }: Context): MessageSource | Promise<MessageSource> {
  const { messageId } = item.event.refs
  if (messageId === undefined) throw new Error('A message event names no message.')
  return map(loaders.messages.load(messageId), record => {
    if (record === undefined) throw new Error('An event is of a message that is not there.')
    return { record, within: withinOf(item) }
  })
}

function member(item: EventItem, _: unknown, { loaders }: Context): MemberRecord | Promise<MemberRecord> {
  const { conversationId } = item.event
  const userId = subjectOf(item)
  if (item.former) return formerMember(item, userId)
  return map(loaders.members.load({ conversationId, userId }), found => found ?? formerMember(item, userId))
}

/** Of a membership that ended since, or to one whose own did, nothing is shown but that it was. */
function formerMember({ event, position }: EventItem, userId: string): MemberRecord {
  return {
    conversationId: event.conversationId,
    userId,
    role: 'MEMBER',
    joinedAt: event.at,
    fromPosition: position.position,
    lastDeliveredSeq: 0,
    lastDeliveredAt: null,
    lastDeliveredMessageId: null,
    lastReadSeq: 0,
    lastReadAt: null,
    lastReadMessageId: null,
  }
}

function subjectOf({ event }: EventItem): string {
  if (event.refs.userId === undefined) throw new Error('A member event names no user.')
  return event.refs.userId
}

function withinOf({ event, position, former }: EventItem): Within {
  return { seq: event.seq, position, at: event.at, former: former === true }
}
