import { vi } from 'vitest'
import type { Bus } from '../../../src/bus/bus.ts'
import { createRedisConnection, type RedisConnection } from '../../../src/bus/redis/connection.ts'
import { createRedisBus } from '../../../src/bus/redis.ts'
import { type Clock, systemClock } from '../../../src/domain/clock.ts'
import { newId } from '../../../src/domain/ids.ts'
import type { Logger } from '../../../src/observe/logger.ts'
import type { BusSubject } from '../../contracts/bus.ts'
import { silent } from '../../support/database.ts'

/** A node, as far as the bus goes. */
export interface RedisNode {
  readonly bus: Bus
  readonly connection: RedisConnection
  close(): Promise<void>
}

export interface RedisNodeOptions {
  /** Moves the time of what it listens to. */
  readonly clock?: Clock
  readonly logger?: Logger
}

/** A node on the Redis, or the members of a cluster, at these addresses. It is in touch when `connected` is true. */
export function startNode(url: string, { clock = systemClock, logger = silent }: RedisNodeOptions = {}): RedisNode {
  const connection = createRedisConnection({ urls: url.split(','), clock: systemClock, logger })
  const bus = createRedisBus({ connection, clock, newId })
  return {
    bus,
    connection,
    async close() {
      await bus.close()
      await connection.close()
    },
  }
}

export async function connected(...nodes: readonly RedisNode[]): Promise<void> {
  await vi.waitUntil(() => nodes.every(({ bus }) => bus.connected), 10_000)
}

/** For the contract: one node that hears itself. */
export async function oneNode(url: string): Promise<BusSubject> {
  const node = startNode(url)
  await connected(node)
  return { from: node.bus, to: node.bus, close: node.close }
}

/** For the contract: two nodes, of which one hears the other. */
export async function twoNodes(url: string): Promise<BusSubject> {
  const nodes = [startNode(url), startNode(url)] as const
  await connected(...nodes)
  const [from, to] = nodes
  return {
    from: from.bus,
    to: to.bus,
    async close() {
      for (const node of nodes) await node.close()
    },
  }
}
