import type { Clock } from '../domain/clock.ts'
import type { ReceiptChange } from '../domain/records.ts'

/**
 * A tenant's advances of receipts as they are heard. They are state, so each is handed on at once, in whatever order it comes; but their numbers are dense,
 * and what is missing for too long is to be read anew.
 */
export interface ReceiptFeed {
  /** All up to this number is known. Counts until it was told once. */
  start(position: number): void
  started(): boolean
  hear(changes: readonly ReceiptChange[]): void
  /** The numbers go at least so far. */
  expect(position: number): void
  /** They are those of another log: forgets all, until `start` says where they are. */
  restart(): void
  close(): void
}

export interface ReceiptFeedDeps {
  readonly clock: Clock
  /** How long a missing number is waited for, in milliseconds. */
  readonly holeMs: number
  /** Never throws. */
  arrived(changes: readonly ReceiptChange[]): void
  /** Some were missed: whoever shows receipts is to read what has changed since then; null is since ever. Rejects when that cannot be read now. */
  missed(since: Date | null): Promise<void>
  /** The pause before the next try, in milliseconds. */
  readonly retryMs: number
}

/** How many numbers are remembered ahead of a missing one. Beyond, what is missing is read. */
const AHEAD_MAX = 10_000

export function createReceiptFeed({ clock, holeMs, retryMs, arrived, missed }: ReceiptFeedDeps): ReceiptFeed {
  const ahead = new Map<number, Date>()
  let known: number | undefined
  /** When the last advance was made of those that are all known. */
  let since: Date | null = null
  let highest = 0
  let generation = 0
  let cancel: (() => void) | undefined
  let closed = false

  function note({ receiptPosition, at }: ReceiptChange): void {
    highest = Math.max(highest, receiptPosition)
    if (receiptPosition > (known ?? 0) && ahead.size < AHEAD_MAX) ahead.set(receiptPosition, at)
  }

  function advance(): void {
    if (known === undefined) return
    for (let at = ahead.get(known + 1); at !== undefined; at = ahead.get(known + 1)) {
      known++
      ahead.delete(known)
      since = at
    }
    if (known < highest) watch(holeMs)
    else {
      cancel?.()
      cancel = undefined
    }
  }

  function watch(delayMs: number): void {
    if (!closed) cancel ??= clock.after(delayMs, () => void heal())
  }

  async function heal(): Promise<void> {
    const upTo = highest
    const of = generation
    try {
      await missed(since)
    } catch {
      if (of !== generation) return
      cancel = undefined
      watch(retryMs)
      return
    }
    if (of !== generation) return
    cancel = undefined
    known = Math.max(known ?? 0, upTo)
    for (const position of ahead.keys()) if (position <= known) ahead.delete(position)
    advance()
  }

  return {
    start(position) {
      if (known !== undefined) return
      known = position
      for (const early of ahead.keys()) if (early <= position) ahead.delete(early)
      advance()
    },
    started: () => known !== undefined,
    hear(changes) {
      if (closed || changes.length === 0) return
      for (const change of changes) note(change)
      arrived(changes)
      advance()
    },
    restart() {
      cancel?.()
      cancel = undefined
      ahead.clear()
      generation++
      known = undefined
      since = null
      highest = 0
    },
    expect(position) {
      highest = Math.max(highest, position)
      advance()
    },
    close() {
      closed = true
      cancel?.()
    },
  }
}
