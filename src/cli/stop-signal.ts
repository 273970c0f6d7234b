import { constants } from 'node:os'
import type { Clock } from '../domain/clock.ts'

/** Milliseconds within which signals count as one: a terminal tells its whole group of a Ctrl-C, and some releases of npm then tell their child again. */
const SAME_MOMENT = 200

/**
 * Aborted, with the signal's name as its reason, by the first SIGTERM or SIGINT. A second one is an impatient person: the process ends at once, with
 * the status that a shell gives to that signal. As process 1 of a container it could not be left to the default, which there does nothing.
 */
export function stopSignal(clock: Clock): AbortSignal {
  const controller = new AbortController()
  let since = 0
  const hear = (name: 'SIGTERM' | 'SIGINT') => {
    if (controller.signal.aborted) {
      if (clock.now() - since > SAME_MOMENT) process.exit(128 + constants.signals[name])
      return
    }
    since = clock.now()
    controller.abort(name)
  }
  process.on('SIGTERM', hear)
  process.on('SIGINT', hear)
  return controller.signal
}
