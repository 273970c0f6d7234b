import type { Clock } from '../domain/clock.ts'
import type { CommittedEvent } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'
import type { Logger } from '../observe/logger.ts'
import type { TenantLog } from '../store/store.ts'
import type { StreamOptions } from './options.ts'

/** Makes of what is heard, in whatever order and however often, one stream strictly in position order. */
export interface Sequencer {
  /** Says from where on events count. Until then all that is heard is held. */
  start(head: Cursor): void
  /** The log is not the one that was applied: goes on from `head` and forgets what is held. */
  restart(head: Cursor): void
  hear(events: readonly CommittedEvent[]): void
  /** The log may have more than will be heard: looks, as for a hole. */
  doubt(): void
  close(): void
}

export interface SequencerDeps {
  readonly log: Pick<TenantLog, 'after'>
  readonly clock: Clock
  readonly logger: Logger
  readonly options: StreamOptions
  /** Called with each event, at its turn. May hear of more. */
  apply(event: CommittedEvent): void
  /** The log cannot say what is between the applied events and `head`, or denies them. */
  lost(head: Cursor): void
}

export function createSequencer({ log, clock, logger, options, apply, lost }: SequencerDeps): Sequencer {
  const held = new Map<number, CommittedEvent>()
  let applied: number | undefined
  let highest = 0
  let applying = false
  let reading = false
  let failures = 0
  let closed = false
  let hole = -1
  let doubtful = false
  let cancelTimer = () => {}

  function settle(): void {
    if (applied === undefined || applying) return
    applying = true
    try {
      for (let next = held.get(applied + 1); next !== undefined && !closed; next = held.get(applied + 1)) {
        applied = next.position
        held.delete(applied)
        apply(next)
      }
    } finally {
      applying = false
    }
    watch()
  }

  /** Gives the present hole its time, once. */
  function watch(): void {
    if (closed || reading || applied === undefined) return
    if (!hasHole() && !doubtful) {
      cancelTimer()
      hole = -1
    } else if (hole !== applied) {
      hole = applied
      schedule(options.holeMs)
    }
  }

  function schedule(delayMs: number): void {
    cancelTimer()
    cancelTimer = clock.after(delayMs, () => void fill())
  }

  /** Reads what follows the applied events, one read at a time. */
  async function fill(): Promise<void> {
    if (closed || reading || applied === undefined) return
    reading = true
    const from = applied
    const wasDoubtful = doubtful
    doubtful = false
    try {
      const { head, events } = await log.after(from, options.pageEvents)
      reading = false
      hole = -1
      if (!closed) take(from, head, events)
    } catch (error) {
      reading = false
      doubtful ||= wasDoubtful
      if (closed) return
      logger.warn({ error }, 'could not read the log to fill a hole')
      retry()
    }
  }

  function take(from: number, head: Cursor, events: readonly CommittedEvent[]): void {
    if (applied === from && contradicts(from, head, events)) {
      lost(head)
      return
    }
    highest = Math.max(highest, head.position)
    hear(events)
    // Without progress the read was older than what has been heard.
    if (applied === from && hasHole()) retry()
    else {
      failures = 0
      if (events.length === options.pageEvents && hasHole()) void fill()
      else watch()
    }
  }

  function hasHole(): boolean {
    return applied !== undefined && applied < highest
  }

  function retry(): void {
    schedule(Math.min(options.retryMs * 2 ** failures++, options.retryMaxMs))
  }

  function hear(events: readonly CommittedEvent[]): void {
    if (closed) return
    for (const event of events) {
      const { position } = event
      if (applied !== undefined && position <= applied) continue
      highest = Math.max(highest, position)
      const isNext = applied !== undefined && position === applied + 1
      if ((held.size < options.heldEvents || isNext) && !held.has(position)) held.set(position, event)
      if (isNext) settle()
    }
    watch()
  }

  function begin(head: Cursor): void {
    applied = head.position
    for (const position of held.keys()) if (position <= applied) held.delete(position)
    settle()
  }

  return {
    hear,
    start(head) {
      if (applied === undefined && !closed) begin(head)
    },
    doubt() {
      doubtful = true
      watch()
    },
    restart(head) {
      held.clear()
      highest = head.position
      begin(head)
    },
    close() {
      closed = true
      cancelTimer()
      held.clear()
    },
  }
}

/** Whether the log lacks what was applied, or what comes next. */
function contradicts(from: number, head: Cursor, events: readonly CommittedEvent[]): boolean {
  const first = events[0]
  return head.position < from || (head.position > from && first?.position !== from + 1)
}
