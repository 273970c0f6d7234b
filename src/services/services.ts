import type { StreamItem } from '../domain/event.ts'
import type { Json } from '../domain/json.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { Cursor } from '../domain/position.ts'
import type {
  ConversationKind,
  ConversationOfUser,
  ListedConversation,
  MemberRecord,
  MemberRole,
  MessageRecord,
  PresenceRecord,
  PresenceStatus,
  SignalRecord,
  TypingRecord,
} from '../domain/records.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Selection } from '../stream/selection.ts'
import type { Sink, Subscription } from '../stream/sink.ts'

/**
 * The rules, as the resolvers call them. Every function takes the viewer first. A rule that says no throws `Refusal`; a database that is away,
 * `RequestError('UNAVAILABLE')`. Optional inputs may be absent or null: both mean "not said", except where a null is said to clear.
 */
export interface Services {
  readonly conversations: ConversationService
  readonly members: MemberService
  readonly messages: MessageService
  readonly receipts: ReceiptService
  readonly typing: TypingService
  readonly presence: PresenceService
  readonly signals: SignalService
  readonly streams: StreamService
  readonly sessions: SessionService
}

/** A durable change: what it made, and its place in the log; null when nothing had to change. */
export interface Changed<Thing> {
  readonly thing: Thing
  readonly position: Cursor | null
}

/** One that the viewer may see, with what the viewer is in it: null for one who merely sees it because it is PUBLIC. */
export type SeenConversation = ConversationOfUser

export interface ConversationService {
  create(
    viewer: Viewer,
    input: {
      readonly kind: ConversationKind
      readonly title?: string | null
      readonly memberIds?: readonly string[] | null
      readonly metadata?: Json
      readonly idempotencyKey?: string | null
    },
  ): Promise<Changed<SeenConversation>>
  /** `title` or `metadata` null clears it; absent leaves it. */
  update(
    viewer: Viewer,
    input: { readonly conversationId: string; readonly title?: string | null; readonly metadata?: Json },
  ): Promise<Changed<SeenConversation>>
  archive(
    viewer: Viewer,
    input: { readonly conversationId: string; readonly archived: boolean },
  ): Promise<Changed<SeenConversation>>
  /** Those that the viewer may see, in the order of the ids; undefined for every other. */
  byIds(viewer: Viewer, ids: readonly string[]): Promise<readonly (SeenConversation | undefined)[]>
  list(viewer: Viewer, page: PageRequest): Promise<Page<ListedConversation>>
  listPublic(viewer: Viewer, page: PageRequest): Promise<Page<SeenConversation>>
}

export interface MemberService {
  join(viewer: Viewer, input: { readonly conversationId: string }): Promise<Changed<SeenConversation>>
  /** Afterwards the viewer may see it only if it is PUBLIC: the conversation is null otherwise. */
  leave(viewer: Viewer, input: { readonly conversationId: string }): Promise<Changed<SeenConversation | null>>
  add(
    viewer: Viewer,
    input: { readonly conversationId: string; readonly userIds: readonly string[] },
  ): Promise<Changed<SeenConversation>>
  remove(
    viewer: Viewer,
    input: { readonly conversationId: string; readonly userId: string },
  ): Promise<Changed<SeenConversation>>
  update(
    viewer: Viewer,
    input: { readonly conversationId: string; readonly userId: string; readonly role: MemberRole },
  ): Promise<Changed<MemberRecord>>
}

export interface MessageInput {
  readonly content: string
  readonly clientMessageId: string
  readonly replyToId?: string | null
  readonly mentions?: readonly string[] | null
  readonly metadata?: Json
}

export interface MessageService {
  send(viewer: Viewer, input: MessageInput & { readonly conversationId: string }): Promise<Changed<MessageRecord>>
  sendDirect(
    viewer: Viewer,
    input: MessageInput & { readonly userIds: readonly string[] },
  ): Promise<Changed<MessageRecord>>
  edit(
    viewer: Viewer,
    input: { readonly messageId: string; readonly content: string; readonly expectedVersion?: number | null },
  ): Promise<Changed<MessageRecord>>
  /** The message that is returned is the tombstone. */
  remove(viewer: Viewer, input: { readonly messageId: string }): Promise<Changed<MessageRecord>>
  /** Those in conversations that the viewer is a member of, in the order of the ids; undefined for every other. */
  byIds(viewer: Viewer, ids: readonly string[]): Promise<readonly (MessageRecord | undefined)[]>
}

export interface ReceiptService {
  markDelivered(viewer: Viewer, input: { readonly messageId: string }): Promise<MemberRecord>
  markRead(viewer: Viewer, input: { readonly messageId: string }): Promise<MemberRecord>
  reportFailure(viewer: Viewer, input: { readonly messageId: string; readonly reason: string }): Promise<MessageRecord>
  openReads(viewer: Viewer, conversationId: string, live: Live<ReadReceiptRecord>): Promise<Subscription>
  openDeliveries(viewer: Viewer, conversationId: string, live: Live<DeliveryRecord>): Promise<Subscription>
}

export interface ReadReceiptRecord {
  readonly conversationId: string
  readonly userId: string
  readonly messageId: string
  readonly seq: number
  readonly readAt: Date
}

export interface DeliveryRecord {
  readonly conversationId: string
  /** Null for SENT. */
  readonly userId: string | null
  readonly messageId: string
  readonly seq: number
  readonly status: 'SENT' | 'DELIVERED' | 'FAILED'
  readonly at: Date
  readonly reason: string | null
}

export interface TypingService {
  /** Until when the indicator shows without another call. */
  set(viewer: Viewer, input: { readonly conversationId: string; readonly isTyping: boolean }): Promise<Date>
  open(viewer: Viewer, conversationId: string, live: Live<TypingRecord>): Promise<Subscription>
}

export interface PresenceService {
  /** `statusText` null or empty takes the text away; absent leaves it. */
  update(
    viewer: Viewer,
    input: { readonly status: PresenceStatus; readonly statusText?: string | null },
  ): Promise<PresenceRecord>
  /** OFFLINE, and nothing else, for an id that is no user of the tenant. */
  get(viewer: Viewer, userIds: readonly string[]): Promise<readonly PresenceRecord[]>
  open(
    viewer: Viewer,
    of: { readonly userIds?: readonly string[] | null; readonly conversationId?: string | null },
    live: Live<PresenceRecord>,
  ): Promise<Subscription>
}

export interface SignalService {
  send(
    viewer: Viewer,
    input: {
      readonly conversationId: string
      readonly toUserId?: string | null
      readonly type: string
      readonly payload?: Json
    },
  ): Promise<SignalRecord>
  /** Of one conversation, or of all the viewer's. */
  open(viewer: Viewer, conversationId: string | null, live: Live<SignalRecord>): Promise<Subscription>
}

export interface StreamService {
  openInbox(viewer: Viewer, after: Cursor | null, live: Live<StreamItem>): Promise<Subscription>
  openConversation(
    viewer: Viewer,
    conversationId: string,
    after: Cursor | null,
    live: Live<StreamItem>,
  ): Promise<Subscription>
  /**
   * The log as the viewer's inbox would say it: it ends with CaughtUp at the head, or with ResyncRequired. `end` is where to go on; a page may be short, or
   * empty, without being the last.
   */
  events(
    viewer: Viewer,
    after: Cursor,
    count: number,
  ): Promise<{ readonly items: readonly StreamItem[]; readonly end: Cursor; readonly hasNextPage: boolean }>
  head(viewer: Viewer): Promise<Cursor>
}

export interface SessionService {
  /**
   * Takes back all tokens of a user, or one by its `jti`, whether or not there is such a user or token. Resolves with the moment once it has effect on
   * this node.
   */
  revoke(viewer: Viewer, input: { readonly userId?: string | null; readonly tokenId?: string | null }): Promise<Date>
}

/** Where a subscription's results go and how they look. */
export interface Live<Source> {
  readonly selection: Selection<Source>
  readonly sink: Sink
}
