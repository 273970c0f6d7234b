import type { Clock } from '../domain/clock.ts'
import type { CommittedEvent } from '../domain/event.ts'
import type { Cursor } from '../domain/position.ts'
import type { Logger } from '../observe/logger.ts'
import type { LogStretch, TenantLog } from '../store/store.ts'
import { createHeld } from './held-events.ts'
import type { StreamOptions } from './options.ts'

/** Makes of what is heard, in whatever order and however often, one stream strictly in position order. */
export interface Sequencer {
  /** Says from where on events count. Until then all that is heard is held. */
  start(head: Cursor): void
  /** The log is not the one that was applied: goes on from `head` and forgets what is held. */
  restart(head: Cursor): void
  /** Events that follow one another; `after` is the place of the one before the first, where that is known. */
  hear(events: readonly CommittedEvent[], after?: Cursor): void
  /** The place of the last applied event; undefined until `start`. */
  applied(): Cursor | undefined
  /** The log ended at `head` when it was asked after `asked` had been applied. */
  compare(asked: Cursor, head: Cursor): void
  /** The log may have more than will be heard, or may be another one: looks, as for a hole. */
  doubt(): void
  close(): void
}

export interface SequencerDeps {
  readonly log: Pick<TenantLog, 'after'>
  readonly clock: Clock
  readonly logger: Logger
  readonly options: StreamOptions
  /** The mark of an event that was applied lately. */
  markAt(position: number): bigint | undefined
  /** Called with each event, at its turn. May hear of more. */
  apply(event: CommittedEvent): void
  /** The log cannot say what is between the applied events and `head`, or denies them. */
  lost(head: Cursor): void
}

export function createSequencer(deps: SequencerDeps): Sequencer {
  const { log, clock, logger, options, markAt, apply, lost } = deps
  const held = createHeld(options.heldEvents)
  let applied: Cursor | undefined
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
      for (let next = held.take(applied); next !== undefined && !closed; next = held.take(applied)) {
        if (next === 'other') {
          suspect()
          break
        }
        applied = { position: next.position, mark: next.mark }
        apply(next)
      }
    } finally {
      applying = false
    }
    watch()
  }

  /** What was heard does not follow what was applied: only the log can say which of them is true. */
  function suspect(): void {
    held.clear()
    doubtful = true
  }

  /** Gives the present hole its time, once. */
  function watch(): void {
    if (closed || reading || applied === undefined) return
    if (!hasHole() && !doubtful) {
      cancelTimer()
      hole = -1
    } else if (hole !== applied.position) {
      hole = applied.position
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
      const stretch = await log.after(from.position, options.pageEvents)
      reading = false
      hole = -1
      if (!closed) take(from, stretch)
    } catch (error) {
      reading = false
      doubtful ||= wasDoubtful
      if (closed) return
      logger.warn({ error }, 'could not read the log to fill a hole')
      retry()
    }
  }

  function take(from: Cursor, stretch: LogStretch): void {
    const { head, events } = stretch
    if (isApplied(from) && contradicts(from, stretch)) {
      lost(head)
      return
    }
    held.expect(head.position)
    hear(events, from)
    // Without progress the read was older than what has been heard.
    if (isApplied(from) && hasHole()) retry()
    else {
      failures = 0
      if (events.length === options.pageEvents && hasHole()) void fill()
      else watch()
    }
  }

  function isApplied({ position, mark }: Cursor): boolean {
    return applied?.position === position && applied.mark === mark
  }

  function hasHole(): boolean {
    return applied !== undefined && applied.position < held.highest()
  }

  function retry(): void {
    schedule(Math.min(options.retryMs * 2 ** failures++, options.retryMaxMs))
  }

  function hear(events: readonly CommittedEvent[], after?: Cursor): void {
    if (closed) return
    let before = after
    for (const event of events) {
      const { position, mark } = event
      if (applied !== undefined && position <= applied.position) {
        const known = markAt(position)
        if (known !== undefined && known !== mark) suspect()
      } else if (held.add(event, before, applied?.position)) settle()
      before = { position, mark }
    }
    watch()
  }

  function begin(head: Cursor): void {
    applied = head
    held.forget(head.position)
    settle()
  }

  return {
    hear,
    applied: () => applied,
    start(head) {
      if (applied === undefined && !closed) begin(head)
    },
    compare(asked, head) {
      const wentBack = head.position < asked.position
      const isOther = head.position === asked.position && head.mark !== asked.mark
      if (wentBack || isOther) suspect()
      else held.expect(head.position)
      watch()
    },
    doubt() {
      doubtful = true
      watch()
    },
    restart(head) {
      held.clear()
      doubtful = false
      begin(head)
    },
    close() {
      closed = true
      cancelTimer()
      held.clear()
    },
  }
}

/** Whether the log lacks what was applied, has another event in its place, or lacks what comes next. */
function contradicts(from: Cursor, { head, mark, events }: LogStretch): boolean {
  const first = events[0]
  return mark !== from.mark || (head.position > from.position && first?.position !== from.position + 1)
}
