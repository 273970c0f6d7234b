import { z } from 'zod'
import type { RedisConnection } from '../bus/redis/connection.ts'
import { redisName } from '../bus/redis/name.ts'
import { redisScript } from '../bus/redis/script.ts'
import type { Clock } from '../domain/clock.ts'
import type { Limit, Limiter } from './limiter.ts'
import { createMemoryLimiter } from './memory.ts'
import { FORGET_AFTER_SECONDS } from './table.ts'

export interface RedisLimiterOptions {
  /** Not closed with the limiter. */
  readonly connection: RedisConnection
  readonly limits: Readonly<Record<string, Limit>>
  /** Of the local buckets. */
  readonly clock: Clock
  /** Over how many nodes a bucket is divided while Redis is away. */
  readonly nodes: number
  /** Begins every key, so that several deployments can share one Redis. */
  readonly namespace?: string
  /** Moves time in a test. Default: Redis's own clock, which is the only one that all nodes share. */
  readonly redisClock?: Pick<Clock, 'now'>
}

/**
 * One bucket, as in `memory.ts`: its level in whole parts of a token, and the millisecond of that level.
 *
 * Arguments: tokens, perSeconds, burst, how many tokens to take (0 to look only), the time in ms or '' for Redis's own, ms until it is forgotten.
 * Returns: whether it was allowed, whole tokens left, ms until the next.
 */
const BUCKET = `
local tokens, whole, burst = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000, tonumber(ARGV[3])
local now = tonumber(ARGV[5])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local full = burst * whole
local parts = full
local bucket = redis.call('HMGET', KEYS[1], 'parts', 'at')
if bucket[1] and bucket[2] then
  parts = math.min(full, bucket[1] + math.max(0, now - bucket[2]) * tokens)
end
local wanted = ARGV[4] * whole
local allowed = 0
if wanted > 0 then
  if parts >= wanted then
    parts = parts - wanted
    allowed = 1
  end
  redis.call('HSET', KEYS[1], 'parts', parts, 'at', now)
  redis.call('PEXPIRE', KEYS[1], ARGV[6])
end
return {allowed, math.floor(parts / whole), math.ceil(math.max(0, whole - parts) / tokens)}
`

const Answer = z.tuple([z.number(), z.number(), z.number()])

/**
 * Token buckets in Redis, the same for every node. While Redis is away or does not answer in time, each node decides by a bucket of its own, of its
 * share of the tokens; whatever is taken here is counted there too, all along. `take` and `peek` throw a TypeError for an event without a limit.
 */
export function createRedisLimiter(options: RedisLimiterOptions): Limiter {
  const { connection, clock, nodes, namespace = 'colloquy', redisClock } = options
  const limits = new Map(Object.entries(options.limits))
  const bucket = redisScript(connection, BUCKET)
  const local = createMemoryLimiter({ limits: sharesOf(limits, nodes), clock })

  /** The parsed answer of the script, or undefined while Redis has none to give. */
  async function ask(take: 0 | 1, [tenantId, userId, event]: readonly [string, string, string]) {
    const { tokens, perSeconds, burst } = limitOf(event)
    const key = redisName([namespace, 'limit', tenantId, userId, event])
    const now = redisClock === undefined ? '' : redisClock.now()
    const args = [tokens, perSeconds, burst, take, now, FORGET_AFTER_SECONDS * 1000]
    const answer = await bucket([key], args).catch(() => undefined)
    if (answer === undefined) return undefined
    const [allowed, remaining, retryAfterMs] = Answer.parse(answer)
    return { allowed: allowed === 1, state: { limit: burst, remaining, retryAfterMs } }
  }

  function limitOf(event: string): Limit {
    const limit = limits.get(event)
    if (limit === undefined) throw new TypeError(`there is no limit for the event ${event}`)
    return limit
  }

  return {
    async take(...name) {
      const share = await local.take(...name)
      const answer = await ask(1, name)
      if (answer === undefined) return { ...share, limit: limitOf(name[2]).burst }
      return { allowed: answer.allowed, ...answer.state }
    },
    async peek(...name) {
      const share = await local.peek(...name)
      const answer = await ask(0, name)
      return answer?.state ?? { ...share, limit: limitOf(name[2]).burst }
    },
    close: () => local.close(),
  }
}

/** A node's part of each bucket: rounded up, so that it is never closed. */
function sharesOf(limits: ReadonlyMap<string, Limit>, nodes: number): Readonly<Record<string, Limit>> {
  const shares = [...limits].map(([event, { tokens, perSeconds, burst }]) => {
    return [event, { tokens, perSeconds: perSeconds * nodes, burst: Math.ceil(burst / nodes) }] as const
  })
  return Object.fromEntries(shares)
}
