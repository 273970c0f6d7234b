import { constants } from 'node:os'
import type { Clock } from '../domain/clock.ts'

/** Milliseconds within which signals count as one: a terminal tells its whole group of a Ctrl-C, and some releases of npm then tell their child again. */
const SAME_MOMENT = 200

/** Each is aborted with the signal's name as its reason. */
export interface StopSignals {
  /** By the first SIGTERM or SIGINT. */
  readonly stop: AbortSignal
  /** By the next, which is an impatient person's. The process ends when all who listen have been told. */
  readonly now: AbortSignal
}

/**
 * Hears the signals that end a server. At the second one the process ends at once, with the status that a shell gives to that signal. As process 1 of a
 * container it could not be left to the default, which there does nothing.
 */
export function stopSignals(clock: Clock): StopSignals {
  const [stop, now] = [new AbortController(), new AbortController()]
  let since = 0
  const hear = (name: 'SIGTERM' | 'SIGINT') => {
    if (!stop.signal.aborted) {
      since = clock.now()
      stop.abort(name)
    } else if (clock.now() - since > SAME_MOMENT) {
      now.abort(name)
      process.exit(128 + constants.signals[name])
    }
  }
  process.on('SIGTERM', hear)
  process.on('SIGINT', hear)
  return { stop: stop.signal, now: now.signal }
}
