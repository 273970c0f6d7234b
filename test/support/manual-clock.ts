import type { Clock } from '../../src/domain/clock.ts'

export interface ManualClock extends Clock {
  /** Moves time on by `ms` and runs every timer that falls due on the way, in the order of their times, each at its own time. */
  advance(ms: number): void
  /** How many timers are waiting. */
  readonly pending: number
}

interface Timer {
  readonly at: number
  readonly task: () => void
}

/** A clock that stands still until it is moved. Timers of equal time run in the order in which they were set. */
export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let now = startMs
  const timers = new Set<Timer>()

  function nextUntil(end: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of timers) {
      if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer
    }
    return next
  }

  return {
    now: () => now,
    after(delayMs, task) {
      const timer = { at: now + Math.max(0, delayMs), task }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
    advance(ms) {
      const end = now + ms
      for (let timer = nextUntil(end); timer !== undefined; timer = nextUntil(end)) {
        timers.delete(timer)
        now = timer.at
        timer.task()
      }
      now = end
    },
    get pending() {
      return timers.size
    },
  }
}
