import { Redis } from 'ioredis'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { startChild } from './child.ts'
import { ownRedis, ownRedisCluster } from './redis.ts'

/** Whether the Redis at the address answers. */
async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, commandTimeout: 300 })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.ping()) === 'PONG'
  } catch {
    return false
  } finally {
    client.disconnect()
  }
}

test('a Redis comes back at the same address, empty', async () => {
  const redis = await ownRedis()
  onTestFinished(() => redis.close())
  const client = new Redis(redis.url)
  onTestFinished(() => client.disconnect())
  client.on('error', () => {})
  await client.set('a', '1')
  await redis.kill()
  expect(await answers(redis.url)).toBe(false)
  await redis.start()
  expect(await client.get('a')).toBeNull()
})

test('a Redis that is paused answers nothing until it goes on', async () => {
  const redis = await ownRedis()
  onTestFinished(() => redis.close())
  redis.pause()
  expect(await answers(redis.url)).toBe(false)
  redis.resume()
  expect(await answers(redis.url)).toBe(true)
})

test('a Redis ends with the process that started it, also when it stands still', async () => {
  const owner = startChild(`
    import { startRedisServer } from '${new URL('./redis-server.ts', import.meta.url).href}'
    const options = { program: '${inject('redisServerPath')}', within: '${inject('runDirectory')}' }
    const redis = await startRedisServer(options)
    const paused = await startRedisServer(options)
    paused.pause()
    console.log(JSON.stringify([redis.url, paused.url]))
    setInterval(() => {}, 1000)
  `)
  const urls: readonly string[] = JSON.parse(await owner.line())
  expect(await answers(urls[0] ?? '')).toBe(true)
  await owner.kill()
  const refused = () => Promise.all(urls.map(url => connects(url)))
  await vi.waitFor(async () => expect(await refused()).toEqual([false, false]), 10_000)
})

/** Whether someone listens at the address; also a process that stands still does. */
async function connects(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: null, enableReadyCheck: false })
  client.on('error', () => {})
  return client.connect().then(
    () => {
      client.disconnect()
      return true
    },
    () => false,
  )
}

test('a cluster holds every slot between its masters', async () => {
  const cluster = await ownRedisCluster()
  onTestFinished(() => cluster.close())
  const [first] = cluster.servers
  const client = new Redis(first?.url ?? '')
  onTestFinished(() => client.disconnect())
  const facts = String(await client.cluster('INFO')).split('\r\n')
  expect(facts).toEqual(expect.arrayContaining(['cluster_state:ok', 'cluster_slots_ok:16384', 'cluster_size:3']))
})
