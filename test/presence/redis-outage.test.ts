import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RedisConnection } from '../../src/bus/redis/connection.ts'
import { IDLE_MS } from '../contracts/presence.ts'
import { ownRedis } from '../support/redis.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { connected, frozenNodes, isDown, isUp, type Node, type Nodes } from './redis-world.ts'

const LEASE_MS = 10_000
const BEAT_MS = 2_000

describe('presence when Redis stumbles', () => {
  let server: RedisServer
  let admin: Redis
  let connections: RedisConnection[]
  let world: Nodes
  let a: Node
  let b: Node
  beforeAll(async () => {
    server = await ownRedis()
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    admin = new Redis(server.url)
    admin.on('error', () => {})
    connections = [await connected(server.url), await connected(server.url)]
    await open(connections)
  })
  afterEach(async () => {
    await world.close()
    await Promise.all(connections.map(each => each.close()))
    admin.disconnect()
  })

  async function open(each: readonly RedisConnection[]) {
    world = await frozenNodes(each)
    const [first, second] = world.nodes
    if (first === undefined || second === undefined) throw new Error('two nodes are needed')
    ;[a, b] = [first, second]
  }
  const says = (node: Node, expected: readonly string[]) =>
    vi.waitFor(() => expect(node.said).toEqual(expected), 10_000)
  const allSaid = () => [...a.said, ...b.said].toSorted()
  const shows = (node: Node, userId: string, status: string) =>
    vi.waitFor(async () => expect(await node.status(userId)).toBe(status), 10_000)
  async function online(node: Node, userId: string, connectionId: string) {
    node.connect(userId, connectionId)
    await node.answered()
  }
  async function kill() {
    await server.kill()
    await Promise.all(connections.map(isDown))
  }
  /** A call each finds out that Redis is away. */
  async function apart() {
    for (const { clock } of world.nodes) clock.advance(BEAT_MS)
    await Promise.all(world.nodes.map(node => node.answered()))
  }
  async function restart() {
    await server.start()
    await Promise.all(connections.map(isUp))
    await Promise.all(world.nodes.map(node => node.answered()))
  }

  describe('and forgets all', () => {
    it('is right again at the next beat, and nothing shows of it', async () => {
      await online(a, 'ada', 'one')
      await online(b, 'bob', 'two')
      await world.advance(IDLE_MS)
      await online(b, 'eve', 'three')
      const said = ['ada AWAY', 'ada ONLINE', 'bob AWAY', 'bob ONLINE', 'eve ONLINE']
      expect(allSaid()).toEqual(said)
      for (let flush = 0; flush < 3; flush++) {
        await admin.flushall()
        await world.advance(BEAT_MS)
        expect([await b.status('ada'), await a.status('bob'), await a.status('eve')]).toEqual([
          'AWAY',
          'AWAY',
          'ONLINE',
        ])
      }
      expect(allSaid()).toEqual(said)
    })

    it('still knows what was chosen on any node, and keeps who hides hidden', async () => {
      await online(a, 'ada', 'one')
      await online(a, 'bob', 'two')
      await b.registry.set('acme', 'ada', 'OFFLINE', null)
      await b.registry.set('acme', 'bob', 'AWAY', 'at lunch')
      await world.advance(BEAT_MS)
      await admin.flushall()
      await world.advance(BEAT_MS)
      expect(await b.registry.get('acme', ['ada', 'bob'])).toMatchObject([
        { status: 'OFFLINE' },
        { status: 'AWAY', statusText: 'at lunch' },
      ])
    })

    it('still knows of activity by requests to another node', async () => {
      await online(a, 'ada', 'one')
      await world.advance(IDLE_MS - 10_000)
      b.touch('ada', null)
      await world.advance(60_000)
      await admin.flushall()
      await world.advance(BEAT_MS)
      expect(await b.status('ada')).toBe('ONLINE')
      expect(allSaid()).toEqual(['ada ONLINE'])
    })

    it('shows it as well while it is away', async () => {
      await online(a, 'ada', 'one')
      await world.advance(IDLE_MS - 10_000)
      b.touch('ada', null)
      await world.advance(60_000)
      await kill()
      await apart()
      expect(await a.status('ada')).toBe('ONLINE')
      await server.start()
    })

    it('tells of a goodbye that came before anyone noticed', async () => {
      await online(a, 'ada', 'one')
      await admin.flushall()
      a.disconnect('ada', 'one', true)
      await shows(b, 'ada', 'OFFLINE')
      await says(a, ['ada ONLINE', 'ada OFFLINE'])
    })

    it('casts doubt on what was shown, once all nodes are back', async () => {
      let doubts = 0
      a.registry.onDoubt(() => doubts++)
      await world.advance(LEASE_MS * 2)
      expect(doubts).toBe(1)
      await admin.flushall()
      await world.advance(LEASE_MS)
      expect(doubts).toBe(1)
      await world.advance(BEAT_MS * 3)
      expect(doubts).toBe(2)
    })

    it('loses, as a failover may, what it had acknowledged, and nobody stays who is gone', async () => {
      await online(a, 'ada', 'one')
      const keys = await admin.keys('*')
      const before = await Promise.all(keys.map(async key => [key, await admin.dumpBuffer(key)] as const))
      a.disconnect('ada', 'one', true)
      await online(a, 'bob', 'two')
      await admin.flushall()
      for (const [key, value] of before) await admin.restore(key, 0, value)
      expect([await b.status('ada'), await b.status('bob')]).toEqual(['ONLINE', 'OFFLINE'])
      await admin.client('KILL', 'TYPE', 'normal')
      await shows(b, 'bob', 'ONLINE')
      await world.advance(BEAT_MS)
      expect(await b.status('ada')).toBe('OFFLINE')
    })

    it('goes on when the script is gone', async () => {
      await online(a, 'ada', 'one')
      await admin.script('FLUSH')
      a.disconnect('ada', 'one', true)
      await shows(b, 'ada', 'OFFLINE')
      await says(a, ['ada ONLINE', 'ada OFFLINE'])
    })
  })

  describe('and dies', () => {
    it('stays right within a node, and is right between them when it is back', async () => {
      await online(a, 'ada', 'one')
      await online(a, 'bob', 'two')
      await kill()
      a.disconnect('ada', 'one', true)
      b.connect('cyd', 'three')
      await says(a, ['ada ONLINE', 'bob ONLINE', 'ada OFFLINE'])
      await says(b, ['cyd ONLINE'])
      expect(await a.registry.get('acme', ['ada', 'bob', 'cyd'])).toMatchObject([
        { status: 'OFFLINE' },
        { status: 'ONLINE' },
        { status: 'OFFLINE' },
      ])
      expect(await b.status('cyd')).toBe('ONLINE')
      await restart()
      await shows(b, 'bob', 'ONLINE')
      await shows(a, 'cyd', 'ONLINE')
      expect(await b.status('ada')).toBe('OFFLINE')
      // What changed meanwhile is told to all nodes.
      await says(a, ['ada ONLINE', 'bob ONLINE', 'ada OFFLINE', 'ada OFFLINE'])
      await says(b, ['cyd ONLINE', 'cyd ONLINE'])
      await world.advance(60_000)
      expect(await b.registry.get('acme', ['ada', 'bob', 'cyd'])).toMatchObject([
        { status: 'OFFLINE' },
        { status: 'ONLINE' },
        { status: 'ONLINE' },
      ])
      expect(allSaid()).toHaveLength(6)
    })

    it('goes by idleness and grace on the node alone', async () => {
      await online(a, 'ada', 'one')
      await online(a, 'bob', 'two')
      await online(a, 'eve', 'three')
      await kill()
      await apart()
      a.disconnect('bob', 'two', false)
      await world.advance(20_000)
      const said = ['ada ONLINE', 'bob ONLINE', 'eve ONLINE', 'bob OFFLINE']
      await says(a, said)
      await world.advance(IDLE_MS)
      await says(a, [...said, 'ada AWAY', 'eve AWAY'])
      a.touch('ada', 'one')
      await says(a, [...said, 'ada AWAY', 'eve AWAY', 'ada ONLINE'])
      await restart()
      await shows(b, 'ada', 'ONLINE')
      await shows(b, 'eve', 'AWAY')
      expect(await b.status('bob')).toBe('OFFLINE')
      // The other nodes have not heard of it yet.
      const told = a.said.slice(said.length + 3)
      expect(told.toSorted()).toEqual(['ada ONLINE', 'bob OFFLINE', 'eve AWAY'])
    })

    it('keeps what was chosen before and meanwhile', async () => {
      await online(a, 'ada', 'one')
      await online(a, 'bob', 'two')
      await a.registry.set('acme', 'ada', 'OFFLINE', null)
      await kill()
      expect(await a.registry.set('acme', 'bob', 'AWAY', 'no net')).toMatchObject({
        status: 'AWAY',
        statusText: 'no net',
      })
      expect(await b.registry.set('acme', 'eve', 'ONLINE', 'hello')).toMatchObject({ status: 'OFFLINE' })
      expect(await a.status('ada')).toBe('OFFLINE')
      await restart()
      await shows(b, 'bob', 'AWAY')
      expect(await b.registry.get('acme', ['ada', 'bob'])).toMatchObject([
        { status: 'OFFLINE' },
        { statusText: 'no net' },
      ])
      expect(await a.registry.get('acme', ['eve'])).toMatchObject([{ statusText: 'hello' }])
    })
  })

  it('nodes that come back one after the other do not take each other for dead', async () => {
    await world.close()
    const proxies = [await startTcpProxy(server), await startTcpProxy(server)]
    const behind = await Promise.all(proxies.map(({ port }) => connected(`redis://127.0.0.1:${port}`)))
    connections.push(...behind)
    await open(behind)
    await online(a, 'ada', 'one')
    await online(b, 'bob', 'two')
    await online(a, 'cyd', 'three')
    for (const proxy of proxies) proxy.stall('down')
    await Promise.all(behind.map(isDown))
    await apart()
    a.disconnect('cyd', 'three', false)
    await world.advance(LEASE_MS * 3)
    expect([await a.status('ada'), await a.status('bob')]).toEqual(['ONLINE', 'OFFLINE'])
    proxies[0]?.flow()
    await shows(a, 'bob', 'ONLINE')
    await world.advance(LEASE_MS / 2, [a])
    proxies[1]?.flow()
    await shows(b, 'ada', 'ONLINE')
    await world.advance(LEASE_MS * 3)
    // Who left meanwhile is told of twice: within the node, and to all once it is back.
    expect(allSaid()).toEqual(['ada ONLINE', 'bob ONLINE', 'cyd OFFLINE', 'cyd OFFLINE', 'cyd ONLINE'])
    expect([await b.status('ada'), await a.status('bob')]).toEqual(['ONLINE', 'ONLINE'])
    await world.close()
    await Promise.all(proxies.map(proxy => proxy.close()))
  })

  it('a node that cannot reach it is dead to the others, and back once it can', async () => {
    await world.close()
    const proxy = await startTcpProxy(server)
    const alone = await connected(`redis://127.0.0.1:${proxy.port}`)
    connections.push(alone)
    await open(connections.slice(1).reverse())
    await online(a, 'ada', 'one')
    await online(b, 'bob', 'two')
    proxy.stall('down')
    a.connect('cyd', 'three')
    await says(a, ['ada ONLINE', 'cyd ONLINE'])
    expect(await a.status('ada')).toBe('ONLINE')
    await world.advance(LEASE_MS, [b])
    expect(await b.status('ada')).toBe('OFFLINE')
    expect(await b.status('bob')).toBe('ONLINE')
    proxy.flow()
    await isUp(alone)
    for (const user of ['ada', 'bob', 'cyd']) {
      await shows(a, user, 'ONLINE')
      await shows(b, user, 'ONLINE')
    }
    // Redis had heard of cyd: only the answer was lost.
    expect(b.said.toSorted()).toEqual(['ada OFFLINE', 'bob ONLINE', 'cyd OFFLINE'])
    await world.close()
    await proxy.close()
  })

  it('a write that Redis refuses leaves each node with its own view, until it takes it again', async () => {
    await online(a, 'ada', 'one')
    await admin.config('SET', 'maxmemory', '1')
    a.connect('bob', 'two')
    await says(a, ['ada ONLINE', 'bob ONLINE'])
    expect(await a.status('bob')).toBe('ONLINE')
    await admin.config('SET', 'maxmemory', '0')
    await world.advance(BEAT_MS)
    await shows(b, 'bob', 'ONLINE')
    await shows(b, 'ada', 'ONLINE')
  })
})
