import { afterAll, beforeAll } from 'vitest'
import type { RedisConnection } from '../../src/bus/redis/connection.ts'
import { presenceContract } from '../contracts/presence.ts'
import { presenceNodesContract } from '../contracts/presence-nodes.ts'
import { sharedRedis } from '../support/redis.ts'
import { connected, frozenWorld } from './redis-world.ts'

let connections: readonly [RedisConnection, ...RedisConnection[]]
beforeAll(async () => {
  const url = sharedRedis()
  connections = [await connected(url), await connected(url), await connected(url)]
})
afterAll(() => Promise.all(connections.map(each => each.close())))

presenceContract('the Redis registry', () => frozenWorld(connections[0]))
presenceNodesContract('Redis', () => connections)
