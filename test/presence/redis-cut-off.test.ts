import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ownRedis } from '../support/redis.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { LEASE_MS, outageScene } from './outage-scene.ts'
import { isDown, isUp } from './redis-world.ts'

describe('presence when nodes are cut off from Redis', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await ownRedis()
    return () => server.close()
  })

  async function proxyOf(redis: RedisServer) {
    const proxy = await startTcpProxy(redis)
    onTestFinished(() => proxy.close())
    return { ...proxy, url: `redis://127.0.0.1:${proxy.port}` }
  }

  it('nodes that come back one after the other do not take each other for dead', async () => {
    const proxies = [await proxyOf(server), await proxyOf(server)] as const
    const scene = await outageScene(server, [proxies[0].url, proxies[1].url])
    const { connections, world, a, b, allSaid, shows, online, apart } = scene
    await online(a, 'ada', 'one')
    await online(b, 'bob', 'two')
    await online(a, 'cyd', 'three')
    for (const proxy of proxies) proxy.stall('down')
    await Promise.all(connections.map(isDown))
    await apart()
    a.disconnect('cyd', 'three', false)
    await world.advance(LEASE_MS * 3)
    expect([await a.status('ada'), await a.status('bob')]).toEqual(['ONLINE', 'OFFLINE'])
    proxies[0].flow()
    await shows(a, 'bob', 'ONLINE')
    await world.advance(LEASE_MS / 2, [a])
    proxies[1].flow()
    await shows(b, 'ada', 'ONLINE')
    await world.advance(LEASE_MS * 3)
    // Who left meanwhile is told of twice: within the node, and to all once it is back.
    expect(allSaid()).toEqual(['ada ONLINE', 'bob ONLINE', 'cyd OFFLINE', 'cyd OFFLINE', 'cyd ONLINE'])
    expect([await b.status('ada'), await a.status('bob')]).toEqual(['ONLINE', 'ONLINE'])
  })

  it('a node that cannot reach it is dead to the others, and back once it can', async () => {
    const proxy = await proxyOf(server)
    const scene = await outageScene(server, [proxy.url, server.url])
    const { connections, world, a, b, says, shows, online } = scene
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
    await Promise.all(connections.map(isUp))
    for (const user of ['ada', 'bob', 'cyd']) {
      await shows(a, user, 'ONLINE')
      await shows(b, user, 'ONLINE')
    }
    // Redis had heard of cyd: only the answer was lost.
    expect(b.said.toSorted()).toEqual(['ada OFFLINE', 'bob ONLINE', 'cyd OFFLINE'])
  })
})
