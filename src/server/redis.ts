import type { Bus } from '../bus/bus.ts'
import { createRedisConnection, type RedisConnection } from '../bus/redis/connection.ts'
import { createRedisBus } from '../bus/redis.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../domain/clock.ts'
import type { NewId } from '../domain/ids.ts'
import type { Limiter } from '../limits/limiter.ts'
import { createRedisLimiter } from '../limits/redis.ts'
import { unlimited } from '../limits/unlimited.ts'
import type { Logger } from '../observe/logger.ts'
import type { PresenceRegistry } from '../presence/presence.ts'
import { createRedisPresence } from '../presence/redis.ts'
import type { Parts } from './parts.ts'

/** What the nodes share through a Redis. */
export interface RedisParts {
  readonly connection: RedisConnection
  readonly bus: Bus
  readonly limiter: Limiter
  readonly presence: PresenceRegistry
}

export interface RedisSurroundings {
  readonly clock: Clock
  readonly newId: NewId
  readonly logger: Logger
}

/** Opens them for `redisUrls`, of which there is at least one. Waits for nothing: a node starts, and works, without its Redis. */
export function openRedis(config: Config, { clock, newId, logger }: RedisSurroundings, { keep }: Parts): RedisParts {
  const { redisUrls: urls, rateLimits: limits, rateLimitNodes: nodes } = config
  const connection = keep(createRedisConnection({ urls, clock, logger }))
  const onListenerError = (error: unknown) => logger.error({ error }, 'bus listener failed')
  const bus = keep(createRedisBus({ connection, clock, newId, onListenerError }))
  const limiter = limits === 'off' ? unlimited : createRedisLimiter({ connection, limits, clock, nodes })
  const presence = createRedisPresence({
    ...{ connection, clock, newId },
    idleMs: config.messaging.presenceIdleMs,
    graceMs: config.messaging.presenceGraceMs,
    onListenerError: error => logger.error({ error }, 'presence listener failed'),
  })
  return { connection, bus, limiter: keep(limiter), presence: keep(presence) }
}
