import type { CommittedEvent, EventRecord, Interval } from '../domain/event.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import type { Cursor } from '../domain/position.ts'
import type {
  ConversationOfUser,
  ConversationRecord,
  ListedConversation,
  MemberRecord,
  MessageRecord,
  ReceiptChange,
  ReceiptRecord,
  UserRecord,
} from '../domain/records.ts'
import type { RevocationRecord, RevocationTarget } from '../domain/revocation.ts'
import type { Command } from './command.ts'

/** The log of record. `tenant` returns the only object that has statements: forgetting the tenant does not compile. */
export interface Store {
  tenant(id: string): TenantStore
  /** Calls back after each commit of this node, batch by batch in position order within a tenant, before the commands of the batch resolve. */
  onCommit(listener: (tenantId: string, batch: CommittedBatch) => void): void
  /** Calls back when the answer to a commit of this node was lost: whether it stands, the log alone knows. */
  onDoubt(listener: (tenantId: string) => void): void
  /** Where the logs of these tenants end; one that is not known is left out. Sees nothing of what is in them. Rejects with `UnavailableError`. */
  heads(tenantIds: readonly string[]): Promise<ReadonlyMap<string, TenantHead>>
  /** The same of the tenants whose ids come after `tenantId`, in their order, at most `limit`. */
  headsAfter(tenantId: string, limit: number): Promise<ReadonlyMap<string, TenantHead>>
  /** Whether a commit is under way here or about to be, whose events are told after it. */
  readonly committing: boolean
  /** Rejects with `UnavailableError` while the database cannot be asked. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** The place of a tenant's last event, the number of its last advance of a receipt, and the place of its last revocation. */
export interface TenantHead extends Cursor {
  readonly receiptPosition: number
  readonly revocationPosition: number
  readonly revocationMark: bigint
}

export interface CommittedBatch {
  /** The place of the event before the first of `events`: who has applied another one there has applied another log. */
  readonly after: Cursor
  readonly events: readonly CommittedEvent[]
  readonly receipts: readonly ReceiptChange[]
  /** Whether more of the tenant waits already: another batch is about to follow. */
  readonly more: boolean
}

/** One tenant's rows. Every read is one snapshot; reads of several ids answer in the order of the ids, undefined where there is none. */
export interface TenantStore {
  readonly id: string
  readonly log: TenantLog
  readonly users: Users
  readonly conversations: Conversations
  readonly members: Members
  readonly messages: Messages
  readonly receipts: Receipts
  readonly revocations: StoredRevocations
}

/** Everything durable, in one order. Rejects with `UnavailableError` when the database is away. */
export interface TenantLog {
  /** Commits the command with others of its tenant; resolves after the commit. Undefined: a guard no longer held, and nothing was written. */
  submit<Result>(command: Command<Result>): Promise<Result | undefined>
  head(): Promise<Cursor>
  /** The tenant's events after `position`, at most `limit`, whoever may see them. */
  after(position: number, limit: number): Promise<LogStretch>
  /** What the user's inbox says after a cursor; null asks for the present head alone. */
  inboxPage(userId: string, after: Cursor | null, limit: number): Promise<LogPage>
  /** The same of one conversation. `intervals` without an open one: the user is no current member. */
  conversationPage(conversationId: string, userId: string, after: Cursor | null, limit: number): Promise<LogPage>
  /**
   * Takes the oldest events that the rule no longer keeps out of the log, at most `step` of them, and as many advances of receipts. `now` is in
   * milliseconds since the epoch.
   */
  prune(rule: RetentionRule, now: number, step: number): Promise<Pruned>
}

/** A log as whoever does not write it sees it. */
export type LogReads = Omit<TenantLog, 'submit' | 'prune'>

/** How long a log is kept: what one of the limits does not cover goes. Null is no limit. */
export interface RetentionRule {
  readonly maxAgeMs: number | null
  readonly maxEvents: number | null
}

export interface Pruned {
  /** The place just before the oldest event that is kept. */
  readonly floor: number
  /** Whether another step would find something. */
  readonly more: boolean
  /** When the oldest event that is kept was committed; null where that was not looked at, or there is none. */
  readonly oldestAt: Date | null
}

/** What follows a place of the log, all from one snapshot. */
export interface LogStretch {
  readonly head: Cursor
  /** The mark at the place itself; null when it is not kept, or was never reached. */
  readonly mark: bigint | null
  readonly events: readonly EventRecord[]
}

/** A stretch of the log as one user may see it, all from one snapshot. */
export interface LogPage {
  readonly head: Cursor
  /** False: `after` is no place of this log any more. Then `events` is empty and `reached` is the head. */
  readonly valid: boolean
  /** In position order, at most `limit`, each within one of the intervals; the first ones with their messages as of the same snapshot. */
  readonly events: readonly CommittedEvent[]
  /** All that the user may see up to here is in `events`; equal to `head` when nothing is left. */
  readonly reached: Cursor
  /** The user's memberships as of `head`: those still open and those that ended after `after`, in an inbox also the one that ended there. */
  readonly intervals: readonly Interval[]
}

export interface Users {
  /** Makes the tenant and the user when they are new, and takes over a changed name or picture. */
  ensure(user: UserRecord): Promise<void>
  byIds(ids: readonly string[]): Promise<readonly (UserRecord | undefined)[]>
  /** The ids of the tenant's users in their order, at most `limit`. */
  ids(limit: number): Promise<readonly string[]>
}

export interface Conversations {
  byIds(ids: readonly string[]): Promise<readonly (ConversationRecord | undefined)[]>
  /** The same with what the user is in each, all from one snapshot. */
  byIdsOfUser(userId: string, ids: readonly string[]): Promise<readonly (ConversationOfUser | undefined)[]>
  /** The user's, latest activity first. Cursor: [last position, id]. */
  ofUser(userId: string, page: PageRequest): Promise<Page<ListedConversation>>
  /** Every PUBLIC one with what the user is in it, newest first. Cursor: [id]. */
  public(userId: string, page: PageRequest): Promise<Page<ConversationOfUser>>
  /** The DIRECT conversation of exactly these users. */
  directOf(userIds: readonly string[]): Promise<ConversationRecord | undefined>
}

export interface MemberKey {
  readonly conversationId: string
  readonly userId: string
}

/** Current members only. */
export interface Members {
  byKeys(keys: readonly MemberKey[]): Promise<readonly (MemberRecord | undefined)[]>
  /** In the order of user ids. Cursor: [user id]. */
  ofConversation(conversationId: string, page: PageRequest): Promise<Page<MemberRecord>>
  /** At most 2: enough to know that one of them may go. */
  ownerCount(conversationId: string): Promise<number>
  /** Messages after each one's `lastReadSeq`, by others and not deleted; in the order of the members. */
  unreadCounts(members: readonly MemberRecord[]): Promise<readonly number[]>
}

export interface Messages {
  byIds(ids: readonly string[]): Promise<readonly (MessageRecord | undefined)[]>
  /** Those in conversations that the user is a member of, in one snapshot; undefined for every other. */
  byIdsOfMember(userId: string, ids: readonly string[]): Promise<readonly (MessageRecord | undefined)[]>
  /** What the sender's `clientMessageId` made, and the hash of the input that it came with. */
  byKey(senderId: string, clientMessageId: string): Promise<MessageKey | undefined>
  /** By number, oldest first, none above `upToSeq`. Cursor: [seq]. */
  ofConversation(conversationId: string, upToSeq: number, page: PageRequest): Promise<Page<MessageRecord>>
}

export interface MessageKey {
  readonly messageId: string
  /** In hexadecimal. */
  readonly inputHash: string
}

export interface ChangedReceipts {
  readonly members: readonly MemberRecord[]
  readonly failures: readonly ReceiptChange[]
}

export interface Receipts {
  /** What became of the message at each member that it was for (its sender aside), in the order of user ids. Cursor: [user id]. */
  ofMessage(message: MessageRecord, page: PageRequest): Promise<Page<ReceiptRecord>>
  /** How far those current members of the conversations are who got further at or after `since`, and what failed by then and still stands; null is all. */
  changedSince(conversationIds: readonly string[], since: Date | null): Promise<ChangedReceipts>
  /** The failures that no delivery has superseded yet, of current members, the newest 1,000. */
  failures(conversationId: string): Promise<readonly ReceiptChange[]>
}

/** The tokens that are taken back, for as long as one of them could be good else. */
export interface StoredRevocations {
  /** Those of exactly these targets that there are. */
  of(targets: readonly RevocationTarget[]): Promise<RevocationPage>
  /** Those after a place in their order, at most `limit`. */
  after(position: number, limit: number): Promise<RevocationStretch>
}

export interface RevocationPage {
  /** How far the tenant's revocations go in the same snapshot. */
  readonly head: Cursor
  readonly revocations: readonly RevocationRecord[]
}

/** What follows a place among a tenant's revocations. */
export interface RevocationStretch extends RevocationPage {
  /** The mark at the place itself; null when another of the same target took its place, when it is forgotten, or was never made. */
  readonly mark: bigint | null
}
