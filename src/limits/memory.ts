import type { Clock } from '../domain/clock.ts'
import type { BucketState, Limit, Limiter } from './limiter.ts'
import { FORGET_AFTER_SECONDS } from './table.ts'

export interface MemoryLimiter extends Limiter {
  /** How many buckets are remembered. */
  readonly size: number
}

/**
 * A bucket's level as of a time. It is counted in parts of a token, `perSeconds * 1000` of them to one, so that each millisecond adds exactly
 * `tokens` parts: whole numbers throughout, and no rounding ever gives or takes a token.
 */
interface Bucket {
  readonly parts: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** How many forgotten buckets one `take` clears away at most: more than it can add, so that they cannot pile up. */
const CLEARED_PER_TAKE = 2

/** Token buckets of this process, refilled when they are looked at. `take` and `peek` throw a TypeError for an event without a limit. */
export function createMemoryLimiter(options: {
  readonly limits: Readonly<Record<string, Limit>>
  readonly clock: Clock
}): MemoryLimiter {
  const { clock } = options
  const limits = new Map(Object.entries(options.limits))
  // Each take puts its bucket last: the first ones are those unused for longest.
  const buckets = new Map<string, Bucket>()

  function limitOf(event: string): Limit {
    const limit = limits.get(event)
    if (limit === undefined) throw new TypeError(`there is no limit for the event ${event}`)
    return limit
  }

  function forget(now: number): void {
    let left = CLEARED_PER_TAKE
    for (const [key, bucket] of buckets) {
      if (left-- === 0 || now - bucket.at < FORGET_AFTER_SECONDS * 1000) return
      buckets.delete(key)
    }
  }

  return {
    take(tenantId, userId, event) {
      const limit = limitOf(event)
      const now = clock.now()
      const key = JSON.stringify([tenantId, userId, event])
      const before = refilled(buckets.get(key), limit, now)
      const allowed = before.parts >= partsPerToken(limit)
      const after = allowed ? { ...before, parts: before.parts - partsPerToken(limit) } : before
      buckets.delete(key)
      buckets.set(key, after)
      forget(now)
      return { allowed, ...stateOf(after, limit) }
    },
    peek(tenantId, userId, event) {
      const limit = limitOf(event)
      return stateOf(refilled(buckets.get(JSON.stringify([tenantId, userId, event])), limit, clock.now()), limit)
    },
    get size() {
      return buckets.size
    },
    async close() {
      buckets.clear()
    },
  }
}

function partsPerToken(limit: Limit): number {
  return limit.perSeconds * 1000
}

/** A clock that goes back adds nothing and takes nothing. */
function refilled(bucket: Bucket | undefined, limit: Limit, now: number): Bucket {
  const full = limit.burst * partsPerToken(limit)
  if (bucket === undefined) return { parts: full, at: now }
  const parts = bucket.parts + Math.max(0, now - bucket.at) * limit.tokens
  return { parts: Math.min(full, parts), at: now }
}

function stateOf({ parts }: Bucket, limit: Limit): BucketState {
  const lacking = Math.max(0, partsPerToken(limit) - parts)
  return {
    limit: limit.burst,
    remaining: Math.floor(parts / partsPerToken(limit)),
    retryAfterMs: Math.ceil(lacking / limit.tokens),
  }
}
