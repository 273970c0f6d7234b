import type { EventRecord, Interval } from '../domain/event.ts'

/**
 * Who is in which conversation, in intervals of positions, for the users that have an inbox open here. A snapshot installs a user, every applied
 * event keeps it up to date. All answers are by position, so it does no harm when the snapshot was ahead of the stream.
 */
export interface Memberships {
  has(userId: string): boolean
  /** Whether the user's intervals are known for every position after this one that the ring still has. */
  covers(userId: string, position: number): boolean
  install(userId: string, snapshot: Snapshot): void
  /** Takes in an applied event: for all, or for one user who was installed with a snapshot from before it. */
  apply(event: EventRecord, only?: string): void
  /** The event has left the ring: intervals that ended by it are needed no more. */
  forget(event: EventRecord): void
  holds(userId: string, event: EventRecord): boolean
  /** Whether the user is a member now. */
  lasts(userId: string, conversationId: string): boolean
  /** The users within whose intervals the event lies. */
  holders(event: EventRecord): Iterable<string>
  remove(userId: string): void
  clear(): void
}

export interface Snapshot {
  readonly intervals: readonly Interval[]
  /** The intervals are complete for positions after this one. */
  readonly from: number
  /** The position as of which the intervals were read. */
  readonly asOf: number
}

interface Membership extends Omit<Snapshot, 'intervals'> {
  readonly conversations: Set<string>
}

/** Stretches of one user in one conversation, the newest first. */
interface Span {
  readonly from: number
  to: number | null
  earlier: Span | undefined
}

export function createMemberships(): Memberships {
  const users = new Map<string, Membership>()
  const conversations = new Map<string, Map<string, Span>>()

  function add(userId: string, conversationId: string, from: number, to: number | null): void {
    users.get(userId)?.conversations.add(conversationId)
    const spans = conversations.get(conversationId) ?? new Map<string, Span>()
    spans.set(userId, { from, to, earlier: spans.get(userId) })
    conversations.set(conversationId, spans)
  }

  function begin(userId: string, event: EventRecord): void {
    if (isNews(userId, event)) add(userId, event.conversationId, event.position, null)
  }

  function close(userId: string, event: EventRecord): void {
    const span = conversations.get(event.conversationId)?.get(userId)
    if (span !== undefined && span.to === null && isNews(userId, event)) span.to = event.position
  }

  function isNews(userId: string, event: EventRecord): boolean {
    const membership = users.get(userId)
    return membership !== undefined && event.position > membership.asOf
  }

  function drop(userId: string, conversationId: string): void {
    const spans = conversations.get(conversationId)
    spans?.delete(userId)
    if (spans?.size === 0) conversations.delete(conversationId)
  }

  return {
    has: userId => users.has(userId),
    covers: (userId, position) => (users.get(userId)?.from ?? Number.POSITIVE_INFINITY) <= position,
    install(userId, { intervals, from, asOf }) {
      users.set(userId, { from, asOf, conversations: new Set() })
      for (const span of intervals.toSorted((a, b) => a.from - b.from))
        add(userId, span.conversationId, span.from, span.to)
    },
    apply(event, only) {
      const concerns = (userId: string) => only === undefined || only === userId
      const { userId, memberIds } = event.refs
      if (event.kind === 'ConversationCreated') for (const id of memberIds ?? []) if (concerns(id)) begin(id, event)
      if (userId === undefined || !concerns(userId)) return
      if (event.kind === 'MemberJoined') begin(userId, event)
      if (event.kind === 'MemberLeft') close(userId, event)
    },
    forget(event) {
      const { userId } = event.refs
      if (event.kind !== 'MemberLeft' || userId === undefined) return
      const newest = conversations.get(event.conversationId)?.get(userId)
      for (let span = newest; span !== undefined; span = span.earlier) {
        if (ended(span.earlier, event.position)) span.earlier = undefined
      }
      if (!ended(newest, event.position)) return
      drop(userId, event.conversationId)
      users.get(userId)?.conversations.delete(event.conversationId)
    },
    holds: (userId, event) => within(conversations.get(event.conversationId)?.get(userId), event.position),
    lasts: (userId, conversationId) => conversations.get(conversationId)?.get(userId)?.to === null,
    *holders(event) {
      for (const [userId, span] of conversations.get(event.conversationId) ?? []) {
        if (within(span, event.position)) yield userId
      }
    },
    remove(userId) {
      for (const conversationId of users.get(userId)?.conversations ?? []) drop(userId, conversationId)
      users.delete(userId)
    },
    clear() {
      users.clear()
      conversations.clear()
    },
  }
}

function within(newest: Span | undefined, position: number): boolean {
  for (let span = newest; span !== undefined; span = span.earlier) {
    if (span.from <= position && (span.to === null || position <= span.to)) return true
  }
  return false
}

function ended(span: Span | undefined, position: number): boolean {
  return span !== undefined && span.to !== null && span.to <= position
}
