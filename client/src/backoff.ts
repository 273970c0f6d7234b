import { type Clock, systemClock } from './clock.ts'

/** How long to wait before another try. */
export interface Backoff {
  readonly clock: Clock
  /** From 0 up to 1. */
  random(): number
  /** The most that the first pause may last; each later one may last twice as long. */
  readonly firstMs: number
  /** The most that any pause may last. */
  readonly mostMs: number
}

export interface BackoffOptions {
  /** The most that the first pause after a failure lasts; each later one may last twice as long. Default: 1 second. */
  readonly firstPauseMs?: number
  /** The most that any pause lasts. Default: 30 seconds. */
  readonly longestPauseMs?: number
  /** Default: the machine's own. */
  readonly clock?: Clock
  /** From 0 up to 1. Default: Math.random. */
  readonly random?: () => number
}

export function createBackoff(options: BackoffOptions): Backoff {
  const { clock = systemClock, random = Math.random, firstPauseMs = 1_000, longestPauseMs = 30_000 } = options
  return { clock, random, firstMs: firstPauseMs, mostMs: longestPauseMs }
}

/**
 * The pause after so many failures in a row, in milliseconds: anything from nothing to the limit, so that clients that were cut off together do not come
 * back together.
 */
export function pauseMs(failures: number, { random, firstMs, mostMs }: Backoff): number {
  return random() * Math.min(mostMs, firstMs * 2 ** Math.max(0, failures - 1))
}

/** A pause under way. */
export interface Pause {
  readonly over: Promise<void>
  /** Ends it now. */
  skip(): void
}

export function startPause(clock: Clock, ms: number): Pause {
  let skip = () => {}
  const over = new Promise<void>(resolve => {
    const cancel = clock.after(ms, resolve)
    skip = () => {
      cancel()
      resolve()
    }
  })
  return { over, skip }
}
