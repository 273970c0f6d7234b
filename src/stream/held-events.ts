import type { CommittedEvent } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'

/** Events that are ahead of their turn, each with the place that it follows, where that is known. */
export interface HeldEvents {
  /** Keeps the event, unless there are too many: then it has to be read from the log. Returns whether it comes right after `applied`. */
  add(event: CommittedEvent, after: Cursor | undefined, applied: number | undefined): boolean
  /** The event right after the place, which is no longer held; `other` when what is held there follows another event. */
  take(applied: Cursor): CommittedEvent | 'other' | undefined
  /** The log goes on at least to here. */
  expect(position: number): void
  /** The highest position that was heard of. */
  highest(): number
  /** Drops what is held up to here. */
  forget(position: number): void
  /** Forgets all that was heard. */
  clear(): void
}

interface Held {
  readonly event: CommittedEvent
  readonly after: Cursor | undefined
}

export function createHeld(max: number): HeldEvents {
  const held = new Map<number, Held>()
  let highest = 0

  return {
    add(event, after, applied) {
      const { position } = event
      highest = Math.max(highest, position)
      const isNext = applied !== undefined && position === applied + 1
      if ((held.size < max || isNext) && !held.has(position)) held.set(position, { event, after })
      return isNext
    },
    take(applied) {
      const position = applied.position + 1
      const next = held.get(position)
      if (next === undefined) return undefined
      const { event, after } = next
      if (after !== undefined && after.position === applied.position && after.mark !== applied.mark) return 'other'
      held.delete(position)
      return event
    },
    expect(position) {
      highest = Math.max(highest, position)
    },
    highest: () => highest,
    forget(upTo) {
      for (const position of held.keys()) if (position <= upTo) held.delete(position)
    },
    clear() {
      held.clear()
      highest = 0
    },
  }
}
