import { setImmediate } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { busContract } from '../contracts/bus.ts'
import { ownRedis, sharedRedis } from '../support/redis.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { connected, oneNode, type RedisNode, startNode, twoNodes } from './redis/node.ts'

busContract('the Redis bus of one node', () => oneNode(sharedRedis()))
busContract('the Redis bus between two nodes', () => twoNodes(sharedRedis()))

describe('the Redis bus', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await ownRedis()
    return () => redis.close()
  })

  async function nodes(): Promise<readonly [RedisNode, RedisNode]> {
    const pair = [startNode(redis.url), startNode(redis.url)] as const
    onTestFinished(async () => {
      for (const node of pair) await node.close()
    })
    await connected(...pair)
    return pair
  }

  function administrator(): Redis {
    const client = new Redis(redis.url)
    onTestFinished(() => client.disconnect())
    return client
  }

  async function record({ bus }: RedisNode, channel: readonly string[]): Promise<string[]> {
    const heard: string[] = []
    await bus.subscribe(channel, message => heard.push(message))
    return heard
  }

  /** Fails unless a message from the one arrives at the other. */
  async function reaches(from: RedisNode, heard: readonly string[], channel: readonly string[]): Promise<void> {
    const before = heard.length
    from.bus.publish(channel, 'there?')
    await vi.waitUntil(() => heard.length > before, 5000)
    expect(heard.slice(before)).toEqual(['there?'])
  }

  it('keeps deployments apart that have databases of their own in one Redis', async () => {
    const other = startNode(`${redis.url}/1`)
    const pair = [startNode(`${redis.url}/2`), startNode(`${redis.url}/2`)] as const
    onTestFinished(async () => {
      for (const node of [other, ...pair]) await node.close()
    })
    await connected(other, ...pair)
    const channel = ['acme']
    const [elsewhere, there] = [await record(other, channel), await record(pair[1], channel)]
    await reaches(pair[0], there, channel)
    await reaches(other, elsewhere, channel)
    expect(elsewhere).toEqual(['there?'])
  })

  it('lives without Redis, and comes back with every subscription, old and new', async () => {
    const [one, two] = await nodes()
    const channel = ['killed']
    const here = await record(one, channel)
    const there = await record(two, channel)
    const back = [vi.fn(), vi.fn()] as const
    const away = vi.fn(() => one.bus.connected)
    one.bus.onBack(back[0])
    two.bus.onBack(back[1])
    one.bus.onAway(away)
    await redis.kill()
    await vi.waitUntil(() => !one.bus.connected && !two.bus.connected)
    expect(away.mock.results).toEqual([{ type: 'return', value: false }])
    one.bus.publish(channel, 'while away')
    const late = await record(two, ['late'])
    await vi.waitFor(() => expect(here).toEqual(['while away']))
    expect([there, late]).toEqual([[], []])
    await redis.start()
    for (const called of back) await vi.waitFor(() => expect(called).toHaveBeenCalled(), 5000)
    expect([one.bus.connected, two.bus.connected]).toEqual([true, true])
    await reaches(one, there, channel)
    await reaches(one, late, ['late'])
    expect(here).toEqual(['while away', 'there?'])
  })

  it('tells the other nodes alone, and makes no message while they are out of reach', async () => {
    const [one, two] = await nodes()
    const channel = ['elsewhere']
    const here = await record(one, channel)
    const there = await record(two, channel)
    one.bus.tell(channel, () => 'news')
    one.bus.publish(channel, 'for all')
    await vi.waitFor(() => expect([here, there]).toEqual([['for all'], ['news', 'for all']]))
    await redis.kill()
    await vi.waitUntil(() => !one.bus.connected)
    const message = vi.fn(() => 'never made')
    one.bus.tell(channel, message)
    expect(message).not.toHaveBeenCalled()
    await redis.start()
    await connected(one, two)
  })

  it('starts while Redis is away', async () => {
    await redis.kill()
    const node = startNode(redis.url)
    onTestFinished(node.close)
    const heard = await record(node, ['early'])
    node.bus.publish(['early'], 'alone')
    await vi.waitFor(() => expect(heard).toEqual(['alone']))
    expect(node.bus.connected).toBe(false)
    await redis.start()
    await connected(node)
    const [one] = await nodes()
    await reaches(one, heard, ['early'])
  })

  it('listens again after its subscriptions were cut off, and says so', async () => {
    const [one, two] = await nodes()
    const heard = await record(two, ['cut'])
    const back = vi.fn()
    two.bus.onBack(back)
    await administrator().client('KILL', 'TYPE', 'pubsub')
    await vi.waitFor(() => expect(back).toHaveBeenCalled(), 5000)
    await reaches(one, heard, ['cut'])
  })

  it('notices a Redis that is connected and mute, publishes meanwhile without waiting, and finds it again', async () => {
    const [one, two] = await nodes()
    const heard = await record(two, ['mute'])
    redis.pause()
    onTestFinished(() => redis.resume())
    await vi.waitUntil(() => !one.bus.connected && !two.bus.connected, 10_000)
    one.bus.publish(['mute'], 'into the void')
    await record(one, ['subscribed meanwhile'])
    redis.resume()
    await connected(one, two)
    await reaches(one, heard, ['mute'])
  })

  it('takes a subscription for done when Redis has said so', async () => {
    const [one, two] = await nodes()
    redis.pause()
    onTestFinished(() => redis.resume())
    const story: string[] = []
    const heard: string[] = []
    const subscribed = two.bus.subscribe(['confirmed'], message => heard.push(message)).then(() => story.push('done'))
    for (let turn = 0; turn < 10; turn++) await setImmediate()
    story.push('resumed')
    redis.resume()
    await subscribed
    expect(story).toEqual(['resumed', 'done'])
    await reaches(one, heard, ['confirmed'])
  })

  it('holds a subscription while someone listens, and not longer', async () => {
    const [one, two] = await nodes()
    const client = administrator()
    const count = async () => (await client.pubsub('CHANNELS')).length
    const stops = await Promise.all(['a', 'a', 'b'].map(name => one.bus.subscribe([name], () => {})))
    stops.push(await two.bus.subscribe(['a'], () => {}))
    expect(await count()).toBe(2)
    for (const stop of stops.slice(1)) stop()
    await vi.waitFor(async () => expect(await count()).toBe(1))
    stops[0]?.()
    await vi.waitFor(async () => expect(await count()).toBe(0))
  })

  it('is not confused by who leaves and comes again at once', async () => {
    const [one, two] = await nodes()
    for (let turn = 0; turn < 20; turn++) {
      const stop = two.bus.subscribe(['turns'], () => {})
      if (turn % 2 === 0) await stop
      void stop.then(end => end())
    }
    const heard = await record(two, ['turns'])
    await reaches(one, heard, ['turns'])
  })

  it('drops what is not from a node', async () => {
    const [one, two] = await nodes()
    const heard = await record(two, ['open'])
    const client = administrator()
    const [channel = ''] = (await client.pubsub('CHANNELS')) as string[]
    for (const rubbish of ['', 'x', '{"a":1}', 'x'.repeat(100), Buffer.alloc(100, 0xff)]) {
      expect(await client.publish(channel, rubbish)).toBe(1)
    }
    await reaches(one, heard, ['open'])
  })

  it('keeps little of what a Redis that is slow has not taken yet', async () => {
    const [one, two] = await nodes()
    const heard = await record(two, ['large'])
    redis.pause()
    onTestFinished(() => redis.resume())
    const large = 'x'.repeat(1_000_000)
    for (let nth = 0; nth < 100; nth++) one.bus.publish(['large'], large)
    redis.resume()
    await vi.waitFor(() => expect(heard).toHaveLength(8), 5000)
    await vi.waitUntil(() => one.bus.connected && two.bus.connected, 5000)
    one.bus.publish(['large'], 'last')
    await vi.waitFor(() => expect(heard.slice(8)).toEqual(['last']), 5000)
  })

  it('leaves no connection behind', async () => {
    const client = administrator()
    const before = String(await client.client('LIST')).split('\n').length
    const node = startNode(redis.url)
    await connected(node)
    expect(String(await client.client('LIST')).split('\n').length).toBe(before + 2)
    await node.close()
    await vi.waitFor(async () => expect(String(await client.client('LIST')).split('\n').length).toBe(before))
  })
})
