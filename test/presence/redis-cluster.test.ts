import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { RedisConnection } from '../../src/bus/redis/connection.ts'
import { presenceContract } from '../contracts/presence.ts'
import { presenceNodesContract } from '../contracts/presence-nodes.ts'
import { ownRedisCluster } from '../support/redis.ts'
import type { RedisCluster } from '../support/redis-cluster.ts'
import { connected, frozenNodes, frozenWorld, isDown, isUp, type Node } from './redis-world.ts'

let cluster: RedisCluster
let connections: readonly [RedisConnection, ...RedisConnection[]]
beforeAll(async () => {
  cluster = await ownRedisCluster()
  const urls = cluster.url.split(',')
  connections = [await connected(...urls), await connected(...urls), await connected(...urls)]
})
afterAll(async () => {
  await Promise.all(connections.map(each => each.close()))
  await cluster.close()
})

it('stays right within a node while a master is gone, and is right between them when it is back', async () => {
  const world = await frozenNodes(connections)
  const [a, b] = world.nodes
  const users = Array.from({ length: 20 }, (_, n) => `user${n}`)
  const isOnline = async (node: Node | undefined) =>
    vi.waitFor(async () => {
      const records = (await node?.registry.get('acme', users)) ?? []
      expect(records.map(({ status }) => status)).toEqual(users.map(() => 'ONLINE'))
    }, 15_000)
  for (const user of users.slice(0, 10)) a?.connect(user, user)
  await a?.answered()
  await cluster.servers[0]?.kill()
  await Promise.all(connections.map(isDown))
  for (const user of users.slice(10)) a?.connect(user, user)
  await isOnline(a)
  await cluster.servers[0]?.start()
  await Promise.all(connections.map(isUp))
  await isOnline(b)
  await world.close()
})

presenceContract('the Redis Cluster registry', () => frozenWorld(connections[0]))
presenceNodesContract('a Redis Cluster', () => connections)
