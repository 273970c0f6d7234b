import { Redis } from 'ioredis'
import { expect, it, onTestFinished, vi } from 'vitest'
import { redisName } from '../../src/bus/redis/name.ts'
import { ownRedisCluster } from '../support/redis.ts'
import { connected, startNode } from './redis/node.ts'

const CHANNEL = ['orphan']
const OTHER = ['another']

/** A cluster that goes on without some of its slots, and a node that listens and one that publishes. */
async function scene() {
  const cluster = await ownRedisCluster({ 'cluster-require-full-coverage': 'no' })
  const admins = cluster.servers.map(({ url }) => new Redis(url))
  const nodes = new Set<ReturnType<typeof startNode>>()
  onTestFinished(async () => {
    for (const node of nodes) await node.close()
    for (const admin of admins) admin.disconnect()
    await cluster.close()
  })
  const slotOf = async (channel: readonly string[]) =>
    Number(await admins[0]?.cluster('KEYSLOT', redisName(['colloquy', ...channel])))
  const slot = await slotOf(CHANNEL)
  expect(await slotOf(OTHER)).not.toBe(slot)
  return {
    async start() {
      const node = startNode(cluster.url)
      nodes.add(node)
      await connected(node)
      return node
    },
    /** Nobody serves the channel's slot any more, as far as each of them knows. */
    async abandon() {
      // Whoever has heard of it from another refuses.
      await Promise.allSettled(admins.map(admin => admin.call('CLUSTER', 'DELSLOTS', slot)))
      await vi.waitFor(async () => {
        for (const admin of admins)
          expect(String(await admin.cluster('INFO'))).toContain('cluster_slots_assigned:16383')
      }, 5000)
    },
    adopt: (by: number) => admins[by]?.call('CLUSTER', 'ADDSLOTS', slot),
    /** How many listen to the channel there. */
    async listeners(at: number) {
      const answer = await admins[at]?.call('PUBSUB', 'SHARDNUMSUB', redisName(['colloquy', ...CHANNEL]))
      return [answer].flat().at(-1)
    },
  }
}

async function reaches(from: ReturnType<typeof startNode>, heard: readonly string[], channel: readonly string[]) {
  const before = heard.length
  // The publisher learns of the slot's new master by and by.
  await vi.waitFor(() => {
    from.bus.publish(channel, 'there?')
    expect(heard.length).toBeGreaterThan(before)
  }, 15_000)
}

it('is not connected while it wants a channel whose slot nobody has served since it began', async () => {
  const { start, abandon, adopt, listeners } = await scene()
  await abandon()
  const [one, two] = [await start(), await start()]
  const heard: string[] = []
  const stop = await two.bus.subscribe(CHANNEL, message => heard.push(message))
  expect([one.bus.connected, two.bus.connected]).toEqual([true, false])
  stop()
  await vi.waitUntil(() => two.bus.connected)
  await two.bus.subscribe(CHANNEL, message => heard.push(message))
  const back = vi.fn()
  two.bus.onBack(back)
  const others: string[] = []
  await two.bus.subscribe(OTHER, message => others.push(message))
  await reaches(one, others, OTHER)
  expect([two.bus.connected, back.mock.calls.length]).toEqual([false, 0])
  await adopt(2)
  await connected(two)
  expect([await listeners(2), back.mock.calls.length]).toEqual([1, 1])
  await reaches(one, heard, CHANNEL)
})

it('is not connected either once a slot is served no more, until another master serves it', async () => {
  const { start, abandon, adopt } = await scene()
  const [one, two] = [await start(), await start()]
  const heard: string[] = []
  await two.bus.subscribe(CHANNEL, message => heard.push(message))
  await reaches(one, heard, CHANNEL)
  const away = vi.fn()
  const back = vi.fn()
  two.bus.onAway(away)
  two.bus.onBack(back)
  await abandon()
  await vi.waitFor(() => expect(away).toHaveBeenCalled(), 10_000)
  const others: string[] = []
  await two.bus.subscribe(OTHER, message => others.push(message))
  await reaches(one, others, OTHER)
  expect([two.bus.connected, back.mock.calls.length]).toEqual([false, 0])
  await adopt(0)
  await connected(two)
  await reaches(one, heard, CHANNEL)
})
