import type { EventItem, EventRecord } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'

/**
 * A tenant's newest events as they were applied, and the place that the stream has reached. What a later event changed is shown by the older
 * ones only as it is now: an edit or a deletion takes the words out of them.
 */
export interface Ring {
  /** The place of the last applied event; undefined until `start`. */
  head(): Cursor | undefined
  /** Rises with each `start`: positions of different ages are of different logs. */
  age(): number
  /** Forgets everything and goes on from `head`. */
  start(head: Cursor): void
  /** Adds the event at the position after the head; returns the one that had to go for it. */
  push(item: EventItem): EventItem | undefined
  /** Whether every event after `position` up to the head is here. */
  reaches(position: number): boolean
  /** The event just after `position`; undefined at or past the head. Ask only where `reaches` said yes. */
  after(position: number): EventItem | undefined
  /** The mark of an event that is here, or of the head. */
  markAt(position: number): bigint | undefined
  /** The first position that is here; one past the head when none is. */
  oldest(): number
}

/** How many of the newest keep what their commit knew of them: it spares the executions that follow a read. */
const PRIMED = 128

export function createRing(size: number): Ring {
  let slots: (EventItem | undefined)[] = []
  let head: Cursor | undefined
  let count = 0
  let age = 0

  const at = (position: number) => slots[position % size]
  const oldest = () => (head === undefined ? 0 : head.position - count + 1)

  /** The older events of a message that was changed: fresh items, so that nothing that was made of them lives on. */
  function strip(messageId: string | undefined): void {
    if (messageId === undefined || head === undefined) return
    for (let position = oldest(); position < head.position; position++) {
      const item = at(position)
      if (item?.event.refs.messageId === messageId) slots[position % size] = bare(item)
    }
  }

  return {
    head: () => head,
    age: () => age,
    start(place) {
      slots = []
      head = place
      count = 0
      age++
    },
    push(item) {
      const { position } = item.position
      const evicted = count === size ? at(position) : undefined
      slots[position % size] = item
      head = item.position
      count = Math.min(count + 1, size)
      if (changesWords(item.event)) strip(item.event.refs.messageId)
      const cooled = count > PRIMED ? at(position - PRIMED) : undefined
      if (cooled?.event.made !== undefined) slots[(position - PRIMED) % size] = bare(cooled)
      return evicted
    },
    reaches: position => head !== undefined && position >= head.position - count,
    after: position => (head === undefined || position >= head.position ? undefined : at(position + 1)),
    markAt(position) {
      if (position === head?.position) return head.mark
      return head !== undefined && position >= oldest() && position < head.position
        ? at(position)?.position.mark
        : undefined
    },
    oldest,
  }
}

function changesWords(event: EventRecord): boolean {
  return event.kind === 'MessageEdited' || event.kind === 'MessageDeleted'
}

function bare(item: EventItem): EventItem {
  const { made: _, ...event } = item.event
  return { type: 'event', position: item.position, event }
}
