import { beforeAll, describe, expect, it } from 'vitest'
import { IDLE_MS } from '../contracts/presence.ts'
import { ownRedis } from '../support/redis.ts'
import type { RedisServer } from '../support/redis-server.ts'
import { outageScene } from './outage-scene.ts'

describe('presence when Redis dies', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await ownRedis()
    return () => server.close()
  })

  it('stays right within a node, and is right between them when it is back', async () => {
    const { world, a, b, says, allSaid, shows, online, kill, restart } = await outageScene(server)
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
    const { world, a, b, says, shows, online, kill, apart, restart } = await outageScene(server)
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
    const { a, b, shows, online, kill, restart } = await outageScene(server)
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
