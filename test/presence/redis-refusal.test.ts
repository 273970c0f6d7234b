import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished, vi } from 'vitest'
import { userName } from '../../src/presence/redis/reply.ts'
import { ownRedis } from '../support/redis.ts'
import { BEAT_MS, outageScene } from './outage-scene.ts'
import { connected, frozenNodes } from './redis-world.ts'

it('what Redis refuses is tried again at a beat, not at once and for ever', async () => {
  const server = await ownRedis()
  onTestFinished(() => server.close())
  const admin = new Redis(server.url)
  onTestFinished(() => admin.disconnect())
  const connection = await connected(server.url)
  onTestFinished(() => connection.close())
  const namespace = randomUUID()
  const world = await frozenNodes([connection], { namespace, shards: 1 })
  onTestFinished(() => world.close())
  const [node] = world.nodes
  if (node === undefined) throw new Error('there is no node')
  node.connect('ada', 'one')
  expect(await node.status('ada')).toBe('ONLINE')
  const spoilt = `${namespace}:{presence:0}:user:${userName('acme', 'bob')}`
  await admin.set(spoilt, 'not of presence')

  node.connect('bob', 'two')
  expect(await node.status('bob')).toBe('ONLINE')
  const before = await scriptsRun(admin)
  // Time stands still: in as many trips to Redis nothing is tried.
  for (let trip = 0; trip < 50; trip++) await admin.ping()
  expect(await scriptsRun(admin)).toBe(before)

  await admin.del(spoilt)
  await world.advance(BEAT_MS)
  await vi.waitFor(async () => expect(await admin.hget(spoilt, 'shown')).toBe('ONLINE'))
  expect(await node.status('ada')).toBe('ONLINE')
})

it('touches keys of the shard that it does not declare, and no others', async () => {
  const server = await ownRedis()
  onTestFinished(() => server.close())
  const admin = new Redis(server.url)
  onTestFinished(() => admin.disconnect())
  const namespace = randomUUID()
  const base = `${namespace}:{presence:0}`
  async function stored(keys: string): Promise<boolean> {
    await admin.acl('SETUSER', 'narrow', 'reset', 'on', '>secret', '+@all', keys)
    const connection = await connected(server.url.replace('redis://', 'redis://narrow:secret@'))
    const world = await frozenNodes([connection], { namespace, shards: 1 })
    const [node] = world.nodes
    node?.connect('ada', 'one')
    await node?.registry.set('acme', 'ada', 'AWAY', null)
    await world.advance(BEAT_MS)
    const shown = await admin.hget(`${base}:user:${userName('acme', 'ada')}`, 'shown')
    await world.close()
    await connection.close()
    return shown === 'AWAY'
  }
  expect(await stored(`~${base}`)).toBe(false)
  expect(await stored(`~${base}*`)).toBe(true)
})

it('a write that Redis refuses leaves each node with its own view, until it takes it again', async () => {
  const server = await ownRedis()
  onTestFinished(() => server.close())
  const { admin, world, a, b, says, shows, online } = await outageScene(server)
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

async function scriptsRun(admin: Redis): Promise<number> {
  const info = await admin.info('commandstats')
  const calls = [...info.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].map(([, count]) => Number(count))
  return calls.reduce((sum, count) => sum + count, 0)
}
