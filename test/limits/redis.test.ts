import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Limiter } from '../../src/limits/limiter.ts'
import { DEFAULT_LIMITS } from '../../src/limits/table.ts'
import { limiterContract } from '../contracts/limiter.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { ownRedis, ownRedisCluster, sharedRedis } from '../support/redis.ts'
import type { RedisCluster } from '../support/redis-cluster.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { limiterSubject, type NodeOptions, type RedisLimiterNode, startLimiter } from './redis-limiter.ts'

limiterContract('Redis', limits => limiterSubject(sharedRedis(), limits))

describe('on a cluster', () => {
  let cluster: RedisCluster
  beforeAll(async () => {
    cluster = await ownRedisCluster()
    return () => cluster.close()
  })

  limiterContract('Redis Cluster', limits => limiterSubject(cluster.url, limits))
})

describe('the Redis limiter', () => {
  let redis: RedisServer
  let namespace: string
  beforeAll(async () => {
    redis = await ownRedis()
    return () => redis.close()
  })
  beforeEach(() => {
    namespace = randomUUID()
  })

  async function node(options: Partial<NodeOptions> = {}): Promise<RedisLimiterNode> {
    const started = await startLimiter(redis.url, { limits: DEFAULT_LIMITS, namespace, ...options })
    onTestFinished(started.close)
    return started
  }

  async function allowedOf(count: number, ...limiters: readonly Limiter[]): Promise<number> {
    const asked = Array.from({ length: count }, (_, n) =>
      limiters[n % limiters.length]?.take('acme', 'alice', 'message:send'),
    )
    return (await Promise.all(asked)).filter(decision => decision?.allowed).length
  }

  it('lets exactly a burst through two nodes, by the clock of Redis', async () => {
    const slow = { ...DEFAULT_LIMITS, 'message:send': { tokens: 1, perSeconds: 180, burst: 10 } }
    const [one, two] = [await node({ limits: slow }), await node({ limits: slow })]
    expect(await allowedOf(200, one.limiter, two.limiter)).toBe(10)
    const { retryAfterMs, ...rest } = await two.limiter.peek('acme', 'alice', 'message:send')
    expect(rest).toEqual({ limit: 10, remaining: 0 })
    expect(retryAfterMs).toBeGreaterThan(150_000)
    expect(retryAfterMs).toBeLessThanOrEqual(180_000)
  })

  it('refills while time passes at Redis, whatever the clocks of the nodes say', async () => {
    const clock = createManualClock(0)
    const fast = { ...DEFAULT_LIMITS, 'message:send': { tokens: 10, perSeconds: 1, burst: 2 } }
    const { limiter } = await node({ limits: fast, clock })
    expect(await allowedOf(3, limiter)).toBe(2)
    await vi.waitUntil(async () => (await limiter.take('acme', 'alice', 'message:send')).allowed, 5000)
  })

  it('keeps a bucket in one key, which goes when it was not used for 30 minutes', async () => {
    const { limiter } = await node()
    const client = new Redis(redis.url)
    onTestFinished(() => client.disconnect())
    await limiter.peek('acme', 'alice', 'message:send')
    expect(await client.keys(`${namespace}*`)).toEqual([])
    await limiter.take('acme', 'alice', 'message:send')
    const [key = '', ...others] = await client.keys(`${namespace}*`)
    expect(others).toEqual([])
    const left = await client.pttl(key)
    expect(left).toBeGreaterThan(1_740_000)
    expect(left).toBeLessThanOrEqual(1_800_000)
  })

  it('goes on when Redis has forgotten everything, its scripts included', async () => {
    const { limiter } = await node()
    const client = new Redis(redis.url)
    onTestFinished(() => client.disconnect())
    expect(await allowedOf(20, limiter)).toBe(10)
    await client.flushall()
    await client.script('FLUSH')
    expect(await allowedOf(20, limiter)).toBe(10)
  })

  it('divides a bucket among the nodes while Redis is away, and shares it again afterwards', async () => {
    const three = [await node({ nodes: 3 }), await node({ nodes: 3 }), await node({ nodes: 3 })]
    const limiters = three.map(({ limiter }) => limiter)
    await redis.kill()
    const allowed = await allowedOf(300, ...limiters)
    expect(allowed).toBeGreaterThanOrEqual(3)
    expect(allowed).toBeLessThanOrEqual(10 + three.length)
    expect(await limiters[0]?.peek('acme', 'alice', 'message:send')).toMatchObject({ limit: 10, remaining: 0 })
    await redis.start()
    await vi.waitUntil(() => three.every(({ connection }) => connection.connected), 5000)
    expect(await allowedOf(200, ...limiters)).toBe(10)
  })

  it('gives nobody a second burst for having spent the first when Redis goes away', async () => {
    const { limiter } = await node()
    expect(await allowedOf(10, limiter)).toBe(10)
    await redis.kill()
    onTestFinished(() => redis.start())
    expect(await allowedOf(10, limiter)).toBe(0)
  })

  it('decides by itself while Redis is mute', async () => {
    const { limiter, connection } = await node({ clock: createManualClock() })
    redis.pause()
    onTestFinished(() => redis.resume())
    expect(await allowedOf(20, limiter)).toBe(5)
    expect(connection.connected).toBe(false)
    expect(await allowedOf(20, limiter)).toBe(0)
  })

  it('rejects an event that has no limit, one of Object.prototype included', async () => {
    const { limiter } = await node()
    for (const event of ['message:sing', 'constructor', '__proto__']) {
      await expect(limiter.take('acme', 'alice', event)).rejects.toThrow(TypeError)
      await expect(limiter.peek('acme', 'alice', event)).rejects.toThrow(TypeError)
    }
  })
})
