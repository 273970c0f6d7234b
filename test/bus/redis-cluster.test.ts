import { Redis } from 'ioredis'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { redisName } from '../../src/bus/redis/name.ts'
import { busContract } from '../contracts/bus.ts'
import { ownRedisCluster } from '../support/redis.ts'
import type { RedisCluster } from '../support/redis-cluster.ts'
import { connected, oneNode, type RedisNode, startNode, twoNodes } from './redis/node.ts'

let cluster: RedisCluster
beforeAll(async () => {
  cluster = await ownRedisCluster()
  return () => cluster.close()
})

busContract('the Redis Cluster bus of one node', () => oneNode(cluster.url))
busContract('the Redis Cluster bus between two nodes', () => twoNodes(cluster.url))

describe('the Redis Cluster bus', () => {
  /** Enough for every master to have some. */
  const channels = Array.from({ length: 60 }, (_, n) => [`channel ${n}`])

  async function nodes(): Promise<readonly [RedisNode, RedisNode]> {
    const pair = [startNode(cluster.url), startNode(cluster.url)] as const
    onTestFinished(async () => {
      for (const node of pair) await node.close()
    })
    await connected(...pair)
    return pair
  }

  async function recordAll({ bus }: RedisNode): Promise<string[]> {
    const heard: string[] = []
    for (const channel of channels) await bus.subscribe(channel, message => heard.push(message))
    return heard
  }

  /** Fails unless a message on every channel arrives, once. */
  async function reachesAll(from: RedisNode, heard: string[]): Promise<void> {
    heard.length = 0
    for (const channel of channels) from.bus.publish(channel, channel.join())
    await vi.waitFor(() => expect(heard).toHaveLength(channels.length), 5000)
    expect(heard.toSorted()).toEqual(channels.map(channel => channel.join()).toSorted())
  }

  it('lives without one of the masters, and comes back with every subscription', async () => {
    const [one, two] = await nodes()
    const here = await recordAll(one)
    const there = await recordAll(two)
    const [, victim] = cluster.servers
    await victim?.kill()
    await vi.waitUntil(() => !one.bus.connected && !two.bus.connected, 10_000)
    for (const channel of channels) one.bus.publish(channel, 'while away')
    await vi.waitFor(() => expect(here).toHaveLength(channels.length))
    const back = vi.fn()
    two.bus.onBack(back)
    await victim?.start()
    await connected(one, two)
    expect(back).toHaveBeenCalled()
    await reachesAll(one, there)
  })

  it('notices one master that is connected and mute, and finds it again', async () => {
    const [one, two] = await nodes()
    const heard = await recordAll(two)
    const [, , victim] = cluster.servers
    victim?.pause()
    await vi.waitUntil(() => !one.bus.connected && !two.bus.connected, 10_000)
    victim?.resume()
    await connected(one, two)
    await reachesAll(one, heard)
  })

  it('follows channels whose slot moves to another master', async () => {
    const [one, two] = await nodes()
    const heard = await recordAll(two)
    const clients = cluster.servers.map(({ url }) => new Redis(url))
    onTestFinished(() => {
      for (const client of clients) client.disconnect()
    })
    const ids = await Promise.all(clients.map(client => client.cluster('MYID')))
    const names = channels.map(channel => redisName(['colloquy', ...channel]))
    const slots = await Promise.all(names.map(async name => Number(await clients[0]?.cluster('KEYSLOT', name))))
    const ofTheFirst = slots.filter(slot => slot < 5461)
    expect(ofTheFirst.length).toBeGreaterThan(5)
    // Who takes the slot over is told first.
    for (const slot of new Set(ofTheFirst)) {
      for (const client of [clients[1], clients[0], clients[2]]) {
        await client?.call('CLUSTER', 'SETSLOT', slot, 'NODE', String(ids[1]))
      }
    }
    const onSecond = async () => [await clients[1]?.call('PUBSUB', 'SHARDCHANNELS')].flat().length
    const expected = slots.filter(slot => slot < 10_922).length
    await vi.waitFor(async () => expect(await onSecond()).toBe(expected), 15_000)
    await reachesAll(one, heard)
  })
})
