import { randomUUID } from 'node:crypto'
import { vi } from 'vitest'
import { createRedisConnection, type RedisConnection } from '../../src/bus/redis/connection.ts'
import type { Clock } from '../../src/domain/clock.ts'
import { systemClock } from '../../src/domain/clock.ts'
import type { Limit, Limiter } from '../../src/limits/limiter.ts'
import { createRedisLimiter } from '../../src/limits/redis.ts'
import type { LimiterSubject } from '../contracts/limiter.ts'
import { silent } from '../support/database.ts'
import { createManualClock } from '../support/manual-clock.ts'

export interface RedisLimiterNode {
  readonly limiter: Limiter
  readonly connection: RedisConnection
  close(): Promise<void>
}

export interface NodeOptions {
  readonly limits: Readonly<Record<string, Limit>>
  readonly namespace: string
  readonly nodes?: number
  readonly clock?: Clock
  readonly redisClock?: Clock
}

/** A node's limiter, in touch with the Redis, or the cluster, at these addresses. */
export async function startLimiter(url: string, options: NodeOptions): Promise<RedisLimiterNode> {
  const connection = createRedisConnection({ urls: url.split(','), clock: systemClock, logger: silent })
  const limiter = createRedisLimiter({ connection, clock: systemClock, nodes: 2, ...options })
  await vi.waitUntil(() => connection.connected, 10_000)
  return {
    limiter,
    connection,
    async close() {
      await limiter.close()
      await connection.close()
    },
  }
}

/** For the contract: Redis is told the time, since nobody can move its own. */
export async function limiterSubject(url: string, limits: Readonly<Record<string, Limit>>): Promise<LimiterSubject> {
  const redisClock = createManualClock()
  const { limiter, close } = await startLimiter(url, { limits, namespace: randomUUID(), redisClock })
  return { limiter: { ...limiter, close }, advance: redisClock.advance }
}
