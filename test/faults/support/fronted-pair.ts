import { onTestFinished } from 'vitest'
import { ownRedis } from '../../support/redis.ts'
import type { RedisServer } from '../../support/redis-server.ts'
import { startFront } from './front.ts'
import { type Node, startNode } from './node.ts'
import { placeFor } from './places.ts'

/** Two server processes over one Postgres and one Redis of the test's own, and the address behind which both stand. */
export interface FrontedPair {
  readonly url: URL
  readonly nodes: readonly [Node, Node]
  readonly redis: RedisServer
  readonly databaseUrl: string
}

/** `databaseUrl`: a Postgres of the caller's, instead of a database in the one of the run. */
export async function startFrontedPair(
  env: Readonly<Record<string, string>> = {},
  databaseUrl?: string,
): Promise<FrontedPair> {
  const redis = await ownRedis()
  onTestFinished(() => redis.close())
  const at = databaseUrl ?? (await placeFor('Postgres')).databaseUrl ?? ''
  const all = { DATABASE_URL: at, REDIS_URL: redis.url, ...env }
  const nodes = [await startNode(all), await startNode(all)] as const
  return { url: await startFront(nodes.map(node => node.url)), nodes, redis, databaseUrl: at }
}
