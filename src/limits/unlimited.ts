import type { Limiter } from './limiter.ts'

/** The largest Int of GraphQL: what a bucket without bounds holds. */
const EVERYTHING = 2_147_483_647

/** Allows everything and remembers nothing. */
export const unlimited: Limiter = {
  take: () => ({ allowed: true, limit: EVERYTHING, remaining: EVERYTHING, retryAfterMs: 0 }),
  peek: () => ({ limit: EVERYTHING, remaining: EVERYTHING, retryAfterMs: 0 }),
  close: async () => {},
}
