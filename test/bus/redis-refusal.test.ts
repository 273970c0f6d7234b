import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createManualClock } from '../support/manual-clock.ts'
import { createRecordingLogger } from '../support/recording-logger.ts'
import { ownRedis, ownRedisCluster } from '../support/redis.ts'
import { connected, type RedisNode, startNode } from './redis/node.ts'

const plain = async () => {
  const server = await ownRedis()
  return { url: server.url, servers: [server], close: server.close }
}

/** Enough for every master to have some, in one command where one may name many. */
const OPEN = Array.from({ length: 60 }, (_, n) => ['open', `${n}`])
const SHUT = ['shut']

describe.each([
  { kind: 'Redis', start: plain, command: 'subscribe' },
  { kind: 'Redis Cluster', start: () => ownRedisCluster(), command: 'ssubscribe' },
])('a channel that the ACL of a $kind refuses', ({ start, command }) => {
  async function scene() {
    const { url, servers, close } = await start()
    const admins = servers.map(server => new Redis(server.url))
    const logger = createRecordingLogger()
    const clock = createManualClock()
    const refuse = async (...channels: readonly string[]) => {
      const user = ['on', '>secret', '~*', '+@all', 'resetchannels', ...channels]
      await Promise.all(admins.map(admin => admin.acl('SETUSER', 'narrow', ...user)))
    }
    await refuse('&colloquy:open:*')
    const narrow = startNode(url.replaceAll('redis://', 'redis://narrow:secret@'), { clock, logger })
    const other = startNode(url)
    onTestFinished(async () => {
      await narrow.bus.close()
      await Promise.all([narrow, other].map(node => node.close()))
      for (const admin of admins) admin.disconnect()
      await close()
    })
    await connected(narrow, other)
    const heard: string[] = []
    for (const channel of OPEN) await narrow.bus.subscribe(channel, message => heard.push(message))
    const sum = async (of: (admin: Redis) => Promise<number>) =>
      (await Promise.all(admins.map(of))).reduce((all, each) => all + each, 0)
    return {
      ...{ narrow, other, servers, clock, logger, heard, refuse },
      /** How often the command was refused. */
      refusals: () => sum(async admin => refusedCalls(await admin.info('commandstats'), command)),
      /** Those that listen. */
      connections: async () =>
        (await Promise.all(admins.map(admin => admin.call('CLIENT', 'LIST', 'TYPE', 'pubsub'))))
          .flatMap(list => String(list).match(/^id=\d+ .* user=narrow /gm) ?? [])
          .map(line => line.split(' ')[0]),
      kill: () => Promise.all(admins.map(admin => admin.client('KILL', 'TYPE', 'pubsub'))),
    }
  }

  /** Fails unless a message on every open channel arrives, once. */
  async function reachesAll(from: RedisNode, heard: string[]): Promise<void> {
    heard.length = 0
    for (const channel of OPEN) from.bus.publish(channel, channel.join())
    await vi.waitFor(() => expect(heard).toHaveLength(OPEN.length), 5000)
    expect(heard.toSorted()).toEqual(OPEN.map(channel => channel.join()).toSorted())
  }

  it('is asked for again after pauses, over the same connection, which goes on serving the others', async () => {
    const { narrow, other, servers, clock, logger, heard, refusals, connections } = await scene()
    const before = await connections()
    await narrow.bus.subscribe(SHUT, () => {})
    expect(narrow.bus.connected).toBe(false)
    expect(await refusals()).toBe(1)
    for (const [retries, pause] of [200, 400, 800, 1_600].entries()) {
      clock.advance(pause - 1)
      await reachesAll(other, heard)
      expect(await refusals()).toBe(retries + 1)
      clock.advance(1)
      await vi.waitFor(async () => expect(await refusals()).toBe(retries + 2))
      await reachesAll(other, heard)
    }
    expect(narrow.bus.connected).toBe(false)
    expect(before).toHaveLength(servers.length)
    expect(await connections()).toEqual(before)
    const refused = logger.entries.filter(({ level }) => level === 'warn')
    expect(refused).toEqual([
      { level: 'warn', fields: { reason: expect.stringMatching(/^NOPERM/) }, message: expect.any(String) },
    ])
  })

  it('does not keep the others from being heard again after a lost connection', async () => {
    const { narrow, other, heard, refusals, kill } = await scene()
    await narrow.bus.subscribe(SHUT, () => {})
    const before = await refusals()
    await kill()
    await vi.waitFor(async () => expect(await refusals()).toBeGreaterThan(before), 5000)
    await connected(other)
    await vi.waitFor(() => reachesAll(other, heard), 10_000)
    expect(narrow.bus.connected).toBe(false)
  })

  it('is in force once it is allowed, and the bus says that it is back', async () => {
    const { narrow, other, clock, refuse } = await scene()
    const back = vi.fn()
    narrow.bus.onBack(back)
    const heard: string[] = []
    await narrow.bus.subscribe(SHUT, message => heard.push(message))
    await refuse('&*')
    expect(back).not.toHaveBeenCalled()
    clock.advance(200)
    await vi.waitUntil(() => narrow.bus.connected, 5000)
    expect(back).toHaveBeenCalledOnce()
    other.bus.publish(SHUT, 'there?')
    await vi.waitFor(() => expect(heard).toEqual(['there?']), 5000)
  })

  it('holds nothing up once nobody wants it any more', async () => {
    const { narrow, clock, refusals } = await scene()
    const stop = await narrow.bus.subscribe(SHUT, () => {})
    expect(narrow.bus.connected).toBe(false)
    stop()
    await vi.waitUntil(() => narrow.bus.connected)
    clock.advance(60_000)
    expect(await refusals()).toBe(1)
  })
})

function refusedCalls(stats: string, command: string): number {
  return Number(new RegExp(`^cmdstat_${command}:.*rejected_calls=(\\d+)`, 'm').exec(stats)?.[1] ?? 0)
}
