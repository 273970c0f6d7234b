import { onTestFinished } from 'vitest'
import { ownRedis } from '../../support/redis.ts'
import type { RedisServer } from '../../support/redis-server.ts'
import { type Node, startNode } from './node.ts'
import { placeFor } from './places.ts'

/** Two nodes, the Postgres that they share, and a Redis of their own. */
export interface Pair {
  readonly nodes: readonly [Node, Node]
  readonly urls: readonly [URL, URL]
  readonly redis: RedisServer
  readonly databaseUrl: string
  /** Ends both nodes as an operator does, and rejects unless they end well. */
  stop(): Promise<void>
}

/** `second`: what the second node is told otherwise, given the address of the Redis. */
export async function startPair(
  second: (redis: RedisServer) => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Promise<Pair> {
  const { redis, databaseUrl, env } = await sharedPlace()
  const nodes = [await startNode(env), await startNode({ ...env, ...(await second(redis)) })] as const
  return {
    nodes,
    urls: [nodes[0].url, nodes[1].url],
    redis,
    databaseUrl,
    async stop() {
      await Promise.all(nodes.map(node => node.stop()))
    },
  }
}

/** What nodes share, for as long as the test. */
export async function sharedPlace() {
  const { databaseUrl = '' } = await placeFor('Postgres')
  const redis = await ownRedis()
  onTestFinished(() => redis.close())
  return { redis, databaseUrl, env: { DATABASE_URL: databaseUrl, REDIS_URL: redis.url, DRAIN_MS: '0' } }
}
