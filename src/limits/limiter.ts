/** A token bucket's size and speed. */
export interface Limit {
  /** Tokens that refill, evenly, in `perSeconds`. */
  readonly tokens: number
  readonly perSeconds: number
  /** What the bucket holds when full. */
  readonly burst: number
}

export interface BucketState {
  /** The bucket's size: its burst. */
  readonly limit: number
  /** Whole tokens left. */
  readonly remaining: number
  /** Milliseconds until a token is there; 0 while one is. */
  readonly retryAfterMs: number
}

export interface Decision extends BucketState {
  readonly allowed: boolean
}

/**
 * Token buckets, one per tenant, user and event; each starts full. Never rejects: an adapter that cannot reach its store decides locally. Buckets
 * unused for 30 minutes are forgotten, which a full bucket cannot notice.
 */
export interface Limiter {
  /** Takes one token of the bucket when there is one. */
  take(tenantId: string, userId: string, event: string): Promise<Decision> | Decision
  /** Looks without taking. */
  peek(tenantId: string, userId: string, event: string): Promise<BucketState> | BucketState
  close(): Promise<void>
}
