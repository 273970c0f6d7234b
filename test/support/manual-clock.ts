import type { Clock } from '../../src/domain/clock.ts'

export interface ManualClock extends Clock {
  /** Moves time on; what falls due on the way runs in its order, each at its own moment. */
  advance(ms: number): void
  /** How many tasks wait. */
  pending(): number
}

/** A clock that stands still until it is moved. */
export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let now = startMs
  const waiting = new Set<{ readonly at: number; readonly task: () => void }>()

  function nextBefore(end: number) {
    const due = [...waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
    return due[0]
  }

  return {
    now: () => now,
    after(delayMs, task) {
      const entry = { at: now + delayMs, task }
      waiting.add(entry)
      return () => void waiting.delete(entry)
    },
    advance(ms) {
      const end = now + ms
      for (let next = nextBefore(end); next !== undefined; next = nextBefore(end)) {
        waiting.delete(next)
        now = Math.max(now, next.at)
        next.task()
      }
      now = end
    },
    pending: () => waiting.size,
  }
}
