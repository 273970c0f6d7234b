import { beforeAll, describe, expect, it } from 'vitest'
import { IDLE_MS } from '../contracts/presence.ts'
import { ownRedis } from '../support/redis.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { BEAT_MS, LEASE_MS, outageScene } from './outage-scene.ts'

describe('presence when Redis forgets', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await ownRedis()
    return () => server.close()
  })

  it('is right again at the next beat, and nothing shows of it', async () => {
    const { admin, world, a, b, allSaid, online } = await outageScene(server)
    await online(a, 'ada', 'one')
    await online(b, 'bob', 'two')
    await world.advance(IDLE_MS)
    await online(b, 'eve', 'three')
    const said = ['ada AWAY', 'ada ONLINE', 'bob AWAY', 'bob ONLINE', 'eve ONLINE']
    expect(allSaid()).toEqual(said)
    for (let flush = 0; flush < 3; flush++) {
      await admin.flushall()
      await world.advance(BEAT_MS)
      expect([await b.status('ada'), await a.status('bob'), await a.status('eve')]).toEqual(['AWAY', 'AWAY', 'ONLINE'])
    }
    expect(allSaid()).toEqual(said)
  })

  it('still knows what was chosen on any node, and keeps who hides hidden', async () => {
    const { admin, world, a, b, online } = await outageScene(server)
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
    const { admin, world, a, b, allSaid, online } = await outageScene(server)
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
    const { world, a, b, online, kill, apart } = await outageScene(server)
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
    const { admin, a, b, says, shows, online } = await outageScene(server)
    await online(a, 'ada', 'one')
    await admin.flushall()
    a.disconnect('ada', 'one', true)
    await shows(b, 'ada', 'OFFLINE')
    await says(a, ['ada ONLINE', 'ada OFFLINE'])
  })

  it('casts doubt on what was shown, once all nodes are back', async () => {
    const { admin, world, a } = await outageScene(server)
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
    const { admin, world, a, b, shows, online } = await outageScene(server)
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
    const { admin, a, b, says, shows, online } = await outageScene(server)
    await online(a, 'ada', 'one')
    await admin.script('FLUSH')
    a.disconnect('ada', 'one', true)
    await shows(b, 'ada', 'OFFLINE')
    await says(a, ['ada ONLINE', 'ada OFFLINE'])
  })
})
