import type { Bus } from '../bus/bus.ts'
import { createMemoryBus } from '../bus/memory.ts'
import type { Config } from '../config.ts'
import type { Clock } from '../domain/clock.ts'
import type { NewId } from '../domain/ids.ts'
import type { Limiter } from '../limits/limiter.ts'
import { createMemoryLimiter } from '../limits/memory.ts'
import { unlimited } from '../limits/unlimited.ts'
import type { Logger } from '../observe/logger.ts'
import { createMemoryPresence } from '../presence/memory.ts'
import type { PresenceRegistry } from '../presence/presence.ts'
import type { Parts } from './parts.ts'
import { openRedis } from './redis.ts'

/** What all nodes share: through a Redis, or within the one node that there is. */
export interface Shared {
  readonly bus: Bus
  readonly limiter: Limiter
  readonly presence: PresenceRegistry
}

export interface SharedSurroundings {
  readonly clock: Clock
  readonly newId: NewId
  readonly logger: Logger
}

/** Waits for nothing: a node starts, and works, without its Redis. */
export function openShared(config: Config, around: SharedSurroundings, parts: Parts): Shared {
  if (config.redisUrls.length > 0) return openRedis(config, around, parts)
  const { clock, logger } = around
  const bus = parts.keep(createMemoryBus({ onListenerError: error => logger.error({ error }, 'bus listener failed') }))
  const limiter = parts.keep(createLimiter(config, clock))
  return { bus, limiter, presence: parts.keep(createPresence(config, around)) }
}

function createLimiter({ rateLimits }: Config, clock: Clock): Limiter {
  return rateLimits === 'off' ? unlimited : createMemoryLimiter({ limits: rateLimits, clock })
}

function createPresence({ messaging }: Config, { clock, logger }: SharedSurroundings): PresenceRegistry {
  return createMemoryPresence({
    clock,
    idleMs: messaging.presenceIdleMs,
    graceMs: messaging.presenceGraceMs,
    onListenerError: error => logger.error({ error }, 'presence listener failed'),
  })
}
