import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RedisConnection } from '../../src/bus/redis/connection.ts'
import type { RedisPresenceOptions } from '../../src/presence/redis.ts'
import { GRACE_MS, IDLE_MS } from '../contracts/presence.ts'
import { sharedRedis } from '../support/redis.ts'
import { connected, frozenNodes, type Node, type Nodes } from './redis-world.ts'

const BEAT_MS = 2_000
const TOUCH_MS = 10_000

describe('what presence asks of Redis', () => {
  let redis: RedisConnection
  let admin: Redis
  let calls: string[]
  let namespace: string
  let atOnce: number
  let mostAtOnce: number
  beforeAll(async () => {
    redis = await connected(sharedRedis())
    admin = new Redis(sharedRedis())
  })
  afterAll(async () => {
    admin.disconnect()
    await redis.close()
  })
  beforeEach(() => {
    calls = []
    atOnce = 0
    mostAtOnce = 0
    namespace = randomUUID()
  })

  async function open(options: Partial<RedisPresenceOptions> = {}): Promise<Nodes & { readonly node: Node }> {
    const { client, onBack, falter } = redis
    const counting: RedisPresenceOptions['connection']['client'] = {
      eval: (script, keys, ...given) => client.eval(script, keys, ...given),
      async evalsha(sha, keys, ...given) {
        calls.push(String(given[1]))
        atOnce++
        mostAtOnce = Math.max(mostAtOnce, atOnce)
        return client.evalsha(sha, keys, ...given).finally(() => {
          atOnce--
        })
      },
    }
    const world = await frozenNodes([{ client: counting, onBack, falter }], { namespace, shards: 1, ...options })
    const [node] = world.nodes
    if (node === undefined) throw new Error('there is no node')
    calls = []
    return { ...world, node }
  }
  const called = (operation: string) => calls.filter(call => call === operation).length
  const remembered = async ({ node }: { readonly node: Node }, ...userIds: string[]) =>
    (await node.registry.get('acme', userIds)).map(({ lastSeenAt, statusText }) => statusText ?? lastSeenAt !== null)

  it('is a call for each beat, however many connections are open', async () => {
    const world = await open()
    for (let n = 0; n < 1_000; n++) world.node.connect(`user${n}`, `c${n}`)
    await world.node.answered()
    calls = []
    for (let beat = 0; beat < 10; beat++) {
      world.node.clock.advance(BEAT_MS)
      await world.node.answered()
    }
    expect(called('beat')).toBe(10)
    expect(calls.filter(call => call !== 'read')).toHaveLength(10)
    await world.close()
  })

  it('is a call for the first activity in a while, and one for all the later', async () => {
    const world = await open()
    for (let n = 0; n < 50; n++) world.node.connect(`user${n}`, `c${n}`)
    for (let n = 0; n < 5_000; n++) world.node.touch(`user${n % 50}`, `c${n % 50}`)
    for (let n = 0; n < 1_000; n++) world.node.touch('user0', null)
    await world.node.answered()
    expect(called('touch')).toBe(51)
    world.node.clock.advance(1_000)
    for (let n = 0; n < 5_000; n++) world.node.touch(`user${n % 50}`, `c${n % 50}`)
    await world.node.answered()
    expect(called('touch')).toBe(51)
    world.node.clock.advance(TOUCH_MS)
    await world.node.answered()
    expect(called('touch')).toBe(52)
    world.node.clock.advance(TOUCH_MS * 2)
    await world.node.answered()
    expect(called('touch')).toBe(52)
    await world.close()
  })

  it('is never more than some calls at once, in the order in which they were made', async () => {
    const world = await open()
    for (let n = 0; n < 2_000; n++) {
      world.node.connect(`user${n % 500}`, `c${n}`)
      if (n % 2 === 0) world.node.disconnect(`user${n % 500}`, `c${n}`, true)
    }
    await world.node.answered()
    expect(called('connect') + called('disconnect')).toBe(3_000)
    expect(mostAtOnce).toBeLessThanOrEqual(16)
    const statuses = await Promise.all(Array.from({ length: 500 }, (_, n) => world.node.status(`user${n}`)))
    expect(statuses).toEqual(statuses.map((_, n) => (n % 2 === 0 ? 'OFFLINE' : 'ONLINE')))
    await world.close()
  })

  it('still counts the last activity exactly', async () => {
    const world = await open()
    world.node.connect('ada', 'one')
    world.node.touch('ada', 'one')
    await world.advance(TOUCH_MS / 2)
    world.node.touch('ada', 'one')
    const seen = world.now()
    world.node.disconnect('ada', 'one', true)
    expect((await world.node.registry.get('acme', ['ada']))[0]?.lastSeenAt).toEqual(new Date(seen))
    await world.close()
  })

  it('tells on closing what was not told', async () => {
    const world = await open()
    world.node.connect('ada', 'one')
    world.node.touch('ada', 'one')
    world.node.clock.advance(1_000)
    world.node.touch('ada', 'one')
    world.node.disconnect('ada', 'one', false)
    await world.close()
    expect(called('disconnect')).toBe(1)
    expect(await admin.hget(`${namespace}:{presence:0}:user:["acme","ada"]`, 'c:one')).toMatch(/^- \d+ \d+$/)
    world.node.connect('ada', 'two')
    expect(called('connect')).toBe(1)
  })

  it('forgets who left long ago and chose nothing', async () => {
    const world = await open({ rememberMs: 60_000 })
    world.node.connect('ada', 'one')
    world.node.connect('bob', 'two')
    world.node.connect('cyd', 'three')
    await world.node.registry.set('acme', 'bob', 'ONLINE', 'hello')
    world.node.disconnect('ada', 'one', true)
    world.node.disconnect('bob', 'two', true)
    await world.advance(59_999)
    expect(await remembered(world, 'ada', 'bob', 'cyd')).toEqual([true, 'hello', true])
    await world.advance(1)
    expect(await remembered(world, 'ada', 'bob', 'cyd')).toEqual([false, 'hello', true])
    await world.close()
  })

  it('remembers no more users than its bound, and forgets who left longest ago', async () => {
    const world = await open({ rememberMax: 2 })
    for (const user of ['a', 'b', 'c']) {
      world.node.connect(user, user)
      await world.node.registry.set('acme', `${user} with text`, 'ONLINE', 'hello')
      await world.advance(1)
    }
    for (const user of ['a', 'b', 'c']) {
      world.node.disconnect(user, user, true)
      await world.advance(1)
    }
    expect(await remembered(world, 'a', 'b', 'c')).toEqual([false, true, true])
    const withText = await remembered(world, 'a with text', 'b with text', 'c with text')
    expect(withText).toEqual([false, 'hello', 'hello'])
    await world.close()
  })

  it('leaves nothing behind but those it remembers', async () => {
    const world = await open({ rememberMs: 60_000 })
    for (let n = 0; n < 100; n++) {
      world.node.connect(`user${n % 40}`, `c${n}`)
      world.node.touch(`user${n}`, null)
      await world.node.registry.set('acme', `user${n}`, 'ONLINE', null)
    }
    for (let n = 0; n < 100; n++) world.node.disconnect(`user${n % 40}`, `c${n}`, n % 2 === 0)
    await world.node.answered()
    await world.advance(GRACE_MS)
    const suffixes = async () =>
      (await admin.keys(`${namespace}:*`)).map(key => key.split('}:')[1]?.split(':')[0]).toSorted()
    expect(await suffixes()).toEqual(['left', 'nodes', ...Array.from({ length: 40 }, () => 'user')])
    await world.advance(IDLE_MS)
    expect(await suffixes()).toEqual(['nodes'])
    await world.close()
  })

  it('leaves nothing behind of a node that died with news unread', async () => {
    const world = await frozenNodes([redis, redis], { namespace, shards: 1 })
    const [dead, alive] = world.nodes
    if (dead === undefined || alive === undefined) throw new Error('two nodes are needed')
    dead.connect('ada', 'one')
    await dead.answered()
    await alive.registry.set('acme', 'ada', 'ONLINE', null)
    expect(await admin.keys(`${namespace}:*:told:*`)).toHaveLength(1)
    await world.advance(20_000, [alive])
    const keys = [`${namespace}:{presence:0}:left`, `${namespace}:{presence:0}:nodes`]
    expect((await admin.keys(`${namespace}:*`)).toSorted()).toEqual([
      ...keys,
      `${namespace}:{presence:0}:user:["acme","ada"]`,
    ])
    await world.close()
  })
})
