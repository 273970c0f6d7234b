import type { Clock } from '../domain/clock.ts'

/** Waits for a token's `exp`. */
export interface Expiry {
  /** Waits for another time instead: milliseconds since the epoch. */
  move(expiresAt: number): void
  close(): void
}

/** Node fires a longer timer at once; a token may be good for years. */
const LONGEST_TIMER_MS = 86_400_000

/** Calls `onExpire` once, within a second after `expiresAt`. */
export function createExpiry(clock: Clock, expiresAt: number, onExpire: () => void): Expiry {
  let cancel = () => {}
  let closed = false

  const wait = (until: number) => {
    cancel()
    const left = until - clock.now()
    cancel = clock.after(Math.min(Math.max(left, 0), LONGEST_TIMER_MS), () => {
      if (closed) return
      if (until > clock.now()) return wait(until)
      closed = true
      onExpire()
    })
  }

  wait(expiresAt)
  return {
    move(until) {
      if (!closed) wait(until)
    },
    close() {
      closed = true
      cancel()
    },
  }
}
