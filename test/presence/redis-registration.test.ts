import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { PresenceConnection } from '../../src/presence/redis.ts'
import { ownRedis } from '../support/redis.ts'
import { connected, frozenNodes, isDown, isUp } from './redis-world.ts'

const BEAT_MS = 2_000
const WAITING_MAX = 20
const USERS = Array.from({ length: 400 }, (_, n) => `user${n}`)

/** A node with far more users than calls may wait, and another; `registering` is run as the first of them is told of anew. */
async function scene(registering = () => {}) {
  const server = await ownRedis()
  const admin = new Redis(server.url)
  admin.on('error', () => {})
  const connections = [await connected(server.url), await connected(server.url)] as const
  let registered = 0
  const { client, onBack, falter } = connections[0]
  const watched: PresenceConnection = {
    client: {
      eval: (script, keys, ...given) => client.eval(script, keys, ...given),
      evalsha(sha, keys, ...given) {
        if (given[1] === 'register' && ++registered === 1) registering()
        return client.evalsha(sha, keys, ...given)
      },
    },
    onBack,
    falter,
  }
  const world = await frozenNodes([watched, connections[1]], {
    namespace: randomUUID(),
    shards: 1,
    waitingMax: WAITING_MAX,
  })
  const [full, other] = world.nodes
  if (full === undefined || other === undefined) throw new Error('two nodes are needed')
  onTestFinished(async () => {
    await world.close()
    await Promise.all(connections.map(connection => connection.close()))
    admin.disconnect()
    await server.close()
  })
  for (const [index, user] of USERS.entries()) {
    full.connect(user, user)
    if (index % WAITING_MAX === 0) await full.answered()
  }
  await full.answered()
  return {
    full,
    other,
    registered: () => registered,
    async flush() {
      full.said.length = 0
      await admin.flushall()
      full.clock.advance(BEAT_MS)
    },
    async kill() {
      await server.kill()
      await Promise.all(connections.map(isDown))
      for (const { clock } of world.nodes) clock.advance(BEAT_MS)
      await Promise.all(world.nodes.map(node => node.answered()))
    },
    async restart() {
      await server.start()
      await Promise.all(connections.map(isUp))
    },
    online: async () => {
      const records = await other.registry.get('acme', USERS)
      return records.filter(({ status }) => status === 'ONLINE').length
    },
  }
}

it('all users of a node are there again after Redis lost them, many more than calls may wait', async () => {
  const { full, flush, online } = await scene()
  expect(await online()).toBe(USERS.length)
  await flush()
  await vi.waitFor(async () => expect(await online()).toBe(USERS.length), 10_000)
  expect(full.said).toEqual([])
})

it('they are there again as well when Redis had been away', async () => {
  const { full, other, online, kill, restart } = await scene()
  await kill()
  full.disconnect('user0', 'user0', true)
  full.connect('ada', 'one')
  expect(await online()).toBe(0)
  await restart()
  await vi.waitFor(async () => expect(await online()).toBe(USERS.length - 1), 10_000)
  await vi.waitFor(async () => expect(await other.status('ada')).toBe('ONLINE'))
})

it('what happens to users whose turn has not come is told after what they were, and waits for nobody', async () => {
  const leaves = 'user399'
  const hides = 'user398'
  const asked: unknown[] = []
  const { full, other, registered, flush, online } = await scene(() => {
    full.disconnect(leaves, leaves, true)
    void full.registry.set('acme', hides, 'OFFLINE', null)
    full.touch('user397', 'user397')
    full.connect('user396', 'another')
    void full.status('user395').then(status => asked.push(status))
    void full.status('nobody').then(() => asked.push(registered() < USERS.length / 2))
  })
  await flush()
  await vi.waitFor(async () => expect(await online()).toBe(USERS.length - 2), 10_000)
  expect(full.said.toSorted()).toEqual([`${hides} OFFLINE`, `${leaves} OFFLINE`])
  expect(asked).toEqual(['ONLINE', true])
  expect(other.said).toEqual([])
})
