import type { CommittedEvent, EventKind, EventRefs, Interval } from '../../src/domain/event.ts'
import type { Cursor } from '../../src/domain/position.ts'
import type { LogPage, LogReads } from '../../src/store/store.ts'

/** A tenant's log in memory, as honest as the real one: each read is one snapshot, taken at a moment that the test chooses. */
export interface MemoryLog extends LogReads {
  readonly events: readonly CommittedEvent[]
  commit(kind: EventKind, conversationId: string, refs?: EventRefs): CommittedEvent
  headNow(): Cursor
  /** The place of the event before this one. */
  before(event: CommittedEvent): Cursor
  /** Reads that were asked for. */
  readonly reads: { after: number; pages: number; heads: number }
  /** Whether the heads cannot be asked for. */
  away: boolean
  /** Awaited before each snapshot is taken, and again before it is handed over. Default: at once. */
  gate: () => Promise<void>
  /** What the user's inbox is to be told, from the whole truth. */
  visible(userId: string, conversationId?: string): readonly CommittedEvent[]
  isMember(userId: string, conversationId: string): boolean
  /** Puts the log back to an earlier position; what is committed from then on has other marks. */
  rewind(position: number): void
}

export function createMemoryLog(): MemoryLog {
  const events: CommittedEvent[] = []
  const intervals: (Interval & { userId: string })[] = []
  let salt = 1_000_000n

  const placeOf = (position: number): Cursor => {
    const event = events[position - 1]
    return { position, mark: position === 0 ? 7n : (event?.mark ?? -1n) }
  }
  const headNow = () => placeOf(events.length)

  function begin(userId: string, conversationId: string, from: number): void {
    intervals.push({ userId, conversationId, from, to: null })
  }

  function end(userId: string, conversationId: string, to: number): void {
    const index = intervals.findIndex(i => i.userId === userId && i.conversationId === conversationId && i.to === null)
    const open = intervals[index]
    if (open !== undefined) intervals[index] = { ...open, to }
  }

  function visible(userId: string, conversationId?: string): readonly CommittedEvent[] {
    const own = intervals.filter(i => i.userId === userId)
    return events.filter(
      event =>
        (conversationId === undefined || event.conversationId === conversationId) &&
        own.some(
          i =>
            i.conversationId === event.conversationId &&
            i.from <= event.position &&
            event.position <= (i.to ?? Infinity),
        ),
    )
  }

  function page(userId: string, conversationId: string | undefined, after: Cursor | null, limit: number): LogPage {
    const head = headNow()
    const valid = after === null || (after.position <= head.position && placeOf(after.position).mark === after.mark)
    const from = after?.position ?? head.position
    const found = valid
      ? visible(userId, conversationId)
          .filter(event => event.position > from)
          .slice(0, limit)
      : []
    const last = found.at(-1)
    return {
      head,
      valid,
      events: found.map(({ made: _, ...event }) => event),
      reached: found.length === limit && last !== undefined ? placeOf(last.position) : head,
      intervals: intervals
        .filter(i => i.userId === userId && (conversationId === undefined || i.conversationId === conversationId))
        .filter(
          i =>
            i.to === null ||
            (after !== null && (i.to > after.position || (conversationId === undefined && i.to === after.position))),
        )
        .map(({ conversationId, from, to }) => ({ conversationId, from, to })),
    }
  }

  async function snapshot<Answer>(take: () => Answer): Promise<Answer> {
    await log.gate()
    const answer = take()
    await log.gate()
    return answer
  }

  const log: MemoryLog = {
    events,
    reads: { after: 0, pages: 0, heads: 0 },
    away: false,
    gate: async () => {},
    headNow,
    before: event => placeOf(event.position - 1),
    visible,
    isMember: (userId, conversationId) =>
      intervals.some(i => i.userId === userId && i.conversationId === conversationId && i.to === null),
    commit(kind, conversationId, refs = {}) {
      const position = events.length + 1
      const seq = events.filter(event => event.conversationId === conversationId).length + 1
      const event = { position, mark: salt++, conversationId, seq, kind, actorId: null, refs, at: new Date(position) }
      events.push(event)
      const { userId } = refs
      if (kind === 'ConversationCreated') for (const id of refs.memberIds ?? []) begin(id, conversationId, position)
      if (kind === 'MemberJoined' && userId !== undefined) begin(userId, conversationId, position)
      if (kind === 'MemberLeft' && userId !== undefined) end(userId, conversationId, position)
      return event
    },
    rewind(position) {
      events.length = position
      for (const [index, interval] of [...intervals.entries()].reverse()) {
        if (interval.from > position) intervals.splice(index, 1)
        else if (interval.to !== null && interval.to > position) intervals[index] = { ...interval, to: null }
      }
    },
    head: () => snapshot(headNow),
    after(position, limit) {
      log.reads.after++
      return snapshot(() => ({
        head: headNow(),
        mark: position > events.length ? null : placeOf(position).mark,
        events: events.slice(position, position + limit),
      }))
    },
    inboxPage(userId, after, limit) {
      log.reads.pages++
      return snapshot(() => page(userId, undefined, after, limit))
    },
    conversationPage(conversationId, userId, after, limit) {
      log.reads.pages++
      return snapshot(() => page(userId, conversationId, after, limit))
    },
  }
  return log
}
