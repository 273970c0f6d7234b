import { join } from 'node:path'
import { inject } from 'vitest'
import { type RedisCluster, startRedisCluster } from './redis-cluster.ts'
import { type RedisServer, startRedisServer } from './redis-server.ts'

/** The Redis of the run, which all tests share: keep to names of your own, and flush nothing. */
export function sharedRedis(): string {
  return inject('redisUrl')
}

/** A Redis of a test's own, to flush, kill and stop. */
export function ownRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  return startRedisServer({ ...place(), settings })
}

/** A Redis Cluster of a test's own. */
export function ownRedisCluster(settings: Readonly<Record<string, string>> = {}): Promise<RedisCluster> {
  return startRedisCluster({ ...place(), settings })
}

function place() {
  return { program: inject('redisServerPath'), within: join(inject('runDirectory'), 'redis') }
}
