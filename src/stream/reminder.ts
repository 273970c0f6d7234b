import type { Clock } from '../domain/clock.ts'
import type { Cursor } from '../domain/position.ts'
import type { DurableSink } from './durable-sink.ts'
import type { StreamOptions } from './options.ts'

/** Finds the joined sinks that have heard nothing for long, with one timer for all of them. */
export interface Reminder {
  joined(sink: DurableSink): void
  applied(): void
  close(): void
}

export interface ReminderDeps {
  readonly clock: Clock
  readonly options: Pick<StreamOptions, 'quietMs' | 'quietPositions'>
  sinks(): Iterable<DurableSink>
  head(): Cursor | undefined
  /** These are due. */
  remind(sinks: readonly DurableSink[], head: Cursor): void
}

/** Sweeps keep apart by this share of the allowed quiet, so that what is due at about one time goes together. */
const APART = 1 / 60

/**
 * Positions alone make nobody due more often than this. A busy tenant makes a thousand in half a second, and then reminding ten thousand quiet rooms cost more
 * than all that was said in the others. The floor of the log is a million events away by default, more than the fastest log measured makes in this
 * time; where it is kept nearer, a quiet reader may have to fetch anew. Until it is reminded, an inbox that comes back has more windows of the log to
 * look through. Milliseconds.
 */
const AT_MOST_EVERY_MS = 30_000

/** So many are reminded in one turn of the event loop: each takes some 15 µs, and nobody else is to wait for ten thousand. */
const IN_ONE_TURN = 128

export function createReminder({ clock, options, sinks, head, remind }: ReminderDeps): Reminder {
  const { quietMs, quietPositions } = options
  let cancel: (() => void) | undefined
  let nextPosition = Number.POSITIVE_INFINITY
  let sweptAt = Number.NEGATIVE_INFINITY
  let closed = false

  function sweep(): void {
    const place = head()
    if (place === undefined) return
    const now = clock.now()
    sweptAt = now
    const quiet: DurableSink[] = []
    let joined = 0
    let oldestSaid = now
    let oldestCursor = place.position
    for (const sink of sinks()) {
      if (!sink.is('joined')) continue
      joined++
      if (now - sink.saidAt >= quietMs || place.position - sink.cursor.position >= quietPositions) {
        sink.saidAt = now
        quiet.push(sink)
        continue
      }
      oldestSaid = Math.min(oldestSaid, sink.saidAt)
      oldestCursor = Math.min(oldestCursor, sink.cursor.position)
    }
    cancel?.()
    cancel = joined === 0 ? undefined : clock.after(Math.max(oldestSaid + quietMs - now, quietMs * APART), sweep)
    nextPosition = Math.max(oldestCursor + quietPositions, place.position + Math.ceil(quietPositions * APART))
    remindFrom(quiet, 0, now)
  }

  /** Each is told where the log ends when it is its turn; who was found quiet anew or heard something since `found`, not any more. */
  function remindFrom(quiet: readonly DurableSink[], first: number, found: number): void {
    const place = head()
    if (closed || place === undefined) return
    const next = first + IN_ONE_TURN
    const due = quiet.slice(first, next).filter(sink => sink.is('joined') && sink.saidAt === found)
    if (due.length > 0) remind(due, place)
    if (next < quiet.length) setImmediate(() => remindFrom(quiet, next, found))
  }

  return {
    joined(sink) {
      cancel ??= clock.after(quietMs, sweep)
      nextPosition = Math.min(nextPosition, sink.cursor.position + quietPositions)
    },
    applied() {
      if ((head()?.position ?? 0) < nextPosition) return
      if (clock.now() - sweptAt >= AT_MOST_EVERY_MS) sweep()
    },
    close() {
      closed = true
      cancel?.()
    },
  }
}
