import type { Json } from './json.ts'
import type { Cursor } from './position.ts'

/** What the store gives and the resolvers show. Ids are text; times are Dates of whole milliseconds. */

export interface UserRecord {
  readonly id: string
  readonly name: string | null
  readonly avatarUrl: string | null
}

export type ConversationKind = 'DIRECT' | 'GROUP' | 'PUBLIC'
export type MemberRole = 'OWNER' | 'ADMIN' | 'MEMBER'

export interface ConversationRecord {
  readonly id: string
  readonly kind: ConversationKind
  readonly title: string | null
  readonly metadata: Json
  readonly memberCount: number
  readonly createdBy: string | null
  readonly createdAt: Date
  readonly archivedAt: Date | null
  /** The newest event's number in this conversation when the row was read. */
  readonly lastSeq: number
  /** The tenant position of that event: the conversation's latest activity. */
  readonly lastPosition: number
  readonly lastMessageId: string | null
  /** The tenant's head in the same snapshot: a subscription after it misses nothing of what this row does not show. */
  readonly head: Cursor
}

/** A conversation with what one user is in it: null for no current member. */
export interface ConversationOfUser extends ConversationRecord {
  readonly membership: MemberRecord | null
}

/** One as a list of the user's shows it. */
export interface ListedConversation extends ConversationOfUser {
  /** Its last message, and who sent that. */
  readonly last: Made | null
}

/** A current membership. */
export interface MemberRecord {
  readonly conversationId: string
  readonly userId: string
  readonly role: MemberRole
  readonly joinedAt: Date
  /** The tenant position of the event that began it. */
  readonly fromPosition: number
  readonly lastDeliveredSeq: number
  readonly lastDeliveredAt: Date | null
  readonly lastDeliveredMessageId: string | null
  readonly lastReadSeq: number
  readonly lastReadAt: Date | null
  readonly lastReadMessageId: string | null
}

export interface MessageRecord {
  readonly id: string
  readonly conversationId: string
  readonly seq: number
  /** The tenant position of its MessageSent. */
  readonly position: number
  readonly senderId: string
  /** Null once deleted. */
  readonly content: string | null
  readonly metadata: Json
  readonly mentions: readonly string[]
  readonly replyToId: string | null
  readonly version: number
  readonly clientMessageId: string
  readonly createdAt: Date
  readonly editedAt: Date | null
  readonly deletedAt: Date | null
}

/** A message as it was committed or read, and its sender as of then. */
export interface Made {
  readonly message: MessageRecord
  readonly sender: UserRecord
}

/** What became of one message at one member. */
export interface ReceiptRecord {
  readonly userId: string
  readonly deliveredAt: Date | null
  readonly readAt: Date | null
  readonly failedAt: Date | null
  readonly failureReason: string | null
}

/** One advance of a member's receipts, or one failure, as it was committed. `receiptPosition` is dense per tenant. */
export interface ReceiptChange {
  readonly receiptPosition: number
  readonly kind: 'DELIVERED' | 'READ' | 'FAILED'
  readonly conversationId: string
  readonly userId: string
  readonly messageId: string
  readonly seq: number
  readonly at: Date
  readonly reason: string | null
}

export type PresenceStatus = 'ONLINE' | 'AWAY' | 'OFFLINE'

export interface PresenceRecord {
  readonly userId: string
  readonly status: PresenceStatus
  readonly statusText: string | null
  readonly lastSeenAt: Date | null
}

export interface TypingRecord {
  readonly conversationId: string
  readonly userId: string
  readonly isTyping: boolean
  readonly expiresAt: Date
}

export interface SignalRecord {
  readonly id: string
  readonly conversationId: string
  readonly fromId: string
  readonly toUserId: string | null
  readonly type: string
  readonly payload: Json
  readonly at: Date
}
