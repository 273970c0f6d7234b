import type { StreamItem } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'
import type { ConversationRecord, MemberRecord, MessageRecord } from '../domain/records.ts'
import type { SeenConversation } from '../services/services.ts'

/** What resolvers hand to each other where a record alone does not say enough. */

/** A user by id alone: `{ id }` costs no read, and name and picture are loaded when they are asked for. */
export interface UserSource {
  readonly id: string
}

export type { EventItem } from '../domain/event.ts'
export type CaughtUpItem = Extract<StreamItem, { readonly type: 'CaughtUp' }>
export type ResyncItem = Extract<StreamItem, { readonly type: 'ResyncRequired' }>
export type RevokedItem = Extract<StreamItem, { readonly type: 'AccessRevoked' }>

/**
 * The event that something is shown in. Whoever may see the event may have left the conversation since: nothing newer than the event is shown
 * within it.
 */
export interface Within {
  readonly seq: number
  readonly position: Cursor
  readonly at: Date
  /** Shown to one who has left: of what is kept only as it is now, nothing that may have come about since. */
  readonly former: boolean
}

/** What is shown in an event to one who has left the conversation since. */
export function isFormer({ within }: { readonly within: Within | null }): boolean {
  return within?.former === true
}

/** A conversation: as the viewer sees it now (`within` null), or as an event shows it to everyone who may see the event. */
export type ConversationSource =
  | { readonly record: ConversationRecord; readonly within: null; readonly membership: MemberRecord | null }
  | { readonly record: ConversationRecord; readonly within: Within }

export interface MessageSource {
  readonly record: MessageRecord
  readonly within: Within | null
}

export function userSource(id: string): UserSource {
  return { id }
}

export function seenConversation(seen: SeenConversation): ConversationSource {
  return { record: seen, within: null, membership: seen.membership }
}

export function seenMessage(record: MessageRecord): MessageSource {
  return { record, within: null }
}
