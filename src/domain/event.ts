import type { Cursor } from './position.ts'
import type { Made } from './records.ts'

/** The durable changes. Each name is also the GraphQL type that shows it. */
export const EVENT_KINDS = [
  'MessageSent',
  'MessageEdited',
  'MessageDeleted',
  'MemberJoined',
  'MemberLeft',
  'MemberUpdated',
  'ConversationCreated',
  'ConversationUpdated',
] as const

export type EventKind = (typeof EVENT_KINDS)[number]

/** What an event points at: ids and versions, never words, so that deleted words cannot come back from the log. */
export interface EventRefs {
  /** Of the Message… kinds. */
  readonly messageId?: string
  readonly version?: number
  /** Of MemberJoined, MemberLeft and MemberUpdated: whose membership changed. */
  readonly userId?: string
  /** Of ConversationCreated: the members it began with. */
  readonly memberIds?: readonly string[]
}

/** One row of the log. `seq` numbers the events of one conversation 1, 2, 3 …; `position` those of the tenant. */
export interface EventRecord extends Cursor {
  readonly conversationId: string
  readonly seq: number
  readonly kind: EventKind
  readonly actorId: string | null
  readonly refs: EventRefs
  readonly at: Date
}

/** An event as its own commit saw it, or the read that brought it: what is known already need not be read again. */
export interface CommittedEvent extends EventRecord {
  /** The message that it is about, for who wants it; undefined when it cannot be told after all. */
  readonly made?: () => Made | undefined
}

/** One stretch of a membership: events from `from` to `to` (both included, in tenant positions) are the member's; null is "still". */
export interface Interval {
  readonly conversationId: string
  readonly from: number
  readonly to: number | null
}

/** What a durable stream says, one at a time. Every item moves its reader's cursor to `position`. */
export type StreamItem =
  | {
      readonly type: 'event'
      readonly position: Cursor
      readonly event: CommittedEvent
      /** The reader has left the conversation since: nothing of it is shown that is newer than the event. */
      readonly former?: true
      /** The same for all that were read from the log together: what one of them shows, the others need not read again. */
      readonly page?: object
    }
  | { readonly type: 'CaughtUp'; readonly position: Cursor }
  | { readonly type: 'ResyncRequired'; readonly position: Cursor; readonly reason: string }
  | {
      readonly type: 'AccessRevoked'
      readonly position: Cursor
      readonly conversationId: string
      readonly reason: string
    }

export type EventItem = Extract<StreamItem, { readonly type: 'event' }>

/** The events of one snapshot as a stream says them to the user whose memberships these are. */
export function eventItems(events: readonly CommittedEvent[], memberships: readonly Interval[]): readonly EventItem[] {
  const present = new Set(memberships.filter(({ to }) => to === null).map(({ conversationId }) => conversationId))
  const page = {}
  return events.map(event => {
    const position = { position: event.position, mark: event.mark }
    const item = { type: 'event', position, event, page } as const
    return present.has(event.conversationId) ? item : { ...item, former: true }
  })
}
