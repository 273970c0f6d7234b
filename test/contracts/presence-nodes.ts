import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { PresenceConnection } from '../../src/presence/redis.ts'
import { frozenNodes, type Node, type Nodes } from '../presence/redis-world.ts'
import { GRACE_MS, IDLE_MS } from './presence.ts'

/** How long a node may be silent before it counts as dead, and the time in which that is found. */
const LEASE_MS = 10_000
const FOUND_MS = 2_000

/** What holds of several nodes together. `connections`: three of them. */
export function presenceNodesContract(name: string, connections: () => readonly PresenceConnection[]): void {
  describe(`${name} keeps presence over several nodes`, () => {
    let world: Nodes
    let a: Node
    let b: Node
    let c: Node
    beforeEach(async () => {
      world = await frozenNodes(connections())
      const [first, second, third] = world.nodes
      if (first === undefined || second === undefined || third === undefined) throw new Error('three nodes are needed')
      ;[a, b, c] = [first, second, third]
    })
    afterEach(() => world.close())

    /** Every node's announcements, sorted: nobody says in which order nodes are heard. */
    const allSaid = () => world.nodes.flatMap(({ said }) => said).toSorted()
    async function online(node: Node, userId: string, connectionId: string) {
      node.connect(userId, connectionId)
      await node.answered()
    }

    it('announces a change of the aggregate, and that once', async () => {
      await online(a, 'ada', 'one')
      await online(b, 'ada', 'two')
      expect(await Promise.all(world.nodes.map(({ status }) => status('ada')))).toEqual(['ONLINE', 'ONLINE', 'ONLINE'])
      a.disconnect('ada', 'one', true)
      await a.answered()
      expect(await c.status('ada')).toBe('ONLINE')
      b.disconnect('ada', 'two', true)
      await b.answered()
      expect(await c.status('ada')).toBe('OFFLINE')
      await world.advance(IDLE_MS * 2)
      expect([a.said, b.said, c.said]).toEqual([['ada ONLINE'], ['ada OFFLINE'], []])
    })

    it('numbers the changes of a user, whichever nodes make them', async () => {
      const orders: (number | null)[] = []
      for (const { registry } of world.nodes) registry.onChange((_, __, order) => orders.push(order))
      for (const node of [a, b, c, a, c]) {
        await online(node, 'ada', 'one')
        node.disconnect('ada', 'one', true)
        await node.answered()
      }
      expect(orders).toHaveLength(10)
      expect(new Set(orders).size).toBe(10)
      expect(orders).toEqual(orders.toSorted((one, other) => (one ?? 0) - (other ?? 0)))
    })

    it('finds what time changes once, whichever nodes look', async () => {
      for (let n = 0; n < 50; n++) a.connect(`user${n}`, `c${n}`)
      await a.answered()
      await world.advance(IDLE_MS)
      expect(allSaid().filter(said => said.endsWith('AWAY'))).toHaveLength(50)
      for (let n = 0; n < 50; n++) a.disconnect(`user${n}`, `c${n}`, false)
      await a.answered()
      await world.advance(GRACE_MS - FOUND_MS)
      expect(allSaid()).toHaveLength(100)
      await world.advance(FOUND_MS)
      expect(allSaid()).toHaveLength(150)
    })

    it('counts a request to another node as activity', async () => {
      await online(a, 'ada', 'one')
      await world.advance(IDLE_MS - 1)
      b.touch('ada', null)
      await b.answered()
      await world.advance(IDLE_MS - 1)
      expect(await c.status('ada')).toBe('ONLINE')
      await world.advance(1)
      expect(await c.status('ada')).toBe('AWAY')
      expect(allSaid()).toEqual(['ada AWAY', 'ada ONLINE'])
    })

    it('shares what was chosen', async () => {
      await online(a, 'ada', 'one')
      await b.registry.set('acme', 'ada', 'AWAY', 'at lunch')
      expect(await c.registry.get('acme', ['ada'])).toMatchObject([{ status: 'AWAY', statusText: 'at lunch' }])
      a.disconnect('ada', 'one', true)
      await online(c, 'ada', 'two')
      expect(await a.status('ada')).toBe('AWAY')
    })

    it('shows nothing of drops that are mended on another node, again and again', async () => {
      await online(a, 'ada', 'c0')
      for (let drop = 0; drop < 20; drop++) {
        const [from, to] = drop % 2 === 0 ? [a, b] : [b, a]
        from.disconnect('ada', `c${drop}`, false)
        await from.answered()
        await world.advance(3_000)
        to.connect('ada', `c${drop + 1}`)
        await world.advance(7_000)
      }
      expect(await c.status('ada')).toBe('ONLINE')
      expect(allSaid()).toEqual(['ada ONLINE'])
    })

    describe('when a node dies', () => {
      const USERS = Array.from({ length: 500 }, (_, index) => `user${index}`)

      it('its users go offline within 15 s, each announced once, and none comes back', async () => {
        for (const user of USERS) a.connect(user, user)
        await a.answered()
        await world.advance(LEASE_MS - FOUND_MS * 2, [b, c])
        expect((await b.registry.get('acme', USERS)).every(({ status }) => status === 'ONLINE')).toBe(true)
        await world.advance(15_000 - LEASE_MS + FOUND_MS * 2, [b, c])
        expect((await b.registry.get('acme', USERS)).every(({ status }) => status === 'OFFLINE')).toBe(true)
        await world.advance(60_000, [b, c])
        expect([...b.said, ...c.said].toSorted()).toEqual(USERS.map(user => `${user} OFFLINE`).toSorted())
      })

      it('a user with a device elsewhere stays online, and so does one who comes back elsewhere', async () => {
        await online(a, 'ada', 'one')
        await online(b, 'ada', 'two')
        await online(a, 'bob', 'three')
        await world.advance(3_000, [b, c])
        await online(c, 'bob', 'four')
        await world.advance(60_000, [b, c])
        expect(await c.status('ada')).toBe('ONLINE')
        expect(await b.status('bob')).toBe('ONLINE')
        expect(allSaid()).toEqual(['ada ONLINE', 'bob ONLINE'])
      })

      it('a connection that it had seen lost still has its grace', async () => {
        await online(a, 'ada', 'one')
        await world.advance(LEASE_MS)
        a.disconnect('ada', 'one', false)
        await a.answered()
        await world.advance(GRACE_MS - FOUND_MS * 2, [b, c])
        expect(await b.status('ada')).toBe('ONLINE')
        await world.advance(FOUND_MS * 2, [b, c])
        expect(await b.status('ada')).toBe('OFFLINE')
      })

      it('and was only stopped, its users flap once at most', async () => {
        for (const user of USERS) a.connect(user, user)
        await a.answered()
        await world.advance(30_000, [b, c])
        await world.advance(30_000)
        expect((await c.registry.get('acme', USERS)).every(({ status }) => status === 'ONLINE')).toBe(true)
        const flap = USERS.flatMap(user => [`${user} ONLINE`, `${user} OFFLINE`, `${user} ONLINE`])
        expect(allSaid()).toEqual(flap.toSorted())
      })

      it('and was only stopped, and nobody noticed, nothing shows', async () => {
        await online(a, 'ada', 'one')
        await world.advance(30_000, [])
        await world.advance(30_000)
        expect(allSaid()).toEqual(['ada ONLINE'])
      })
    })

    it('lets the users of a node that is closed go as those of one that died', async () => {
      await online(a, 'ada', 'one')
      await online(a, 'bob', 'two')
      a.disconnect('bob', 'two', false)
      await a.registry.close()
      expect([await b.status('ada'), await b.status('bob')]).toEqual(['ONLINE', 'ONLINE'])
      await online(b, 'bob', 'three')
      await world.advance(GRACE_MS, [b, c])
      expect([await b.status('ada'), await b.status('bob')]).toEqual(['OFFLINE', 'ONLINE'])
    })

    it('never mixes tenants or users, whatever their ids are made of', async () => {
      const ids = [
        'a:b',
        'a',
        'b',
        '{x}',
        '{',
        '}',
        'x\r\nFLUSHALL\r\n',
        '*',
        '?',
        '[a]',
        '',
        ' ',
        '\0',
        '"',
        '\\',
        'a","b',
      ]
      const all = [...ids, '\ud800', 'é', '__proto__', 'x'.repeat(10_000)]
      const pairs = all.flatMap(tenantId => all.map(userId => [tenantId, userId] as const))
      const isOnline = (index: number) => index % 3 === 0
      for (const [index, [tenantId, userId]] of pairs.entries()) {
        if (isOnline(index)) a.registry.connect(tenantId, userId, `${index}`)
      }
      await a.answered()
      for (const tenantId of all) {
        const records = await b.registry.get(tenantId, all)
        const expected = all.map((userId, at) => {
          return [userId, isOnline(all.indexOf(tenantId) * all.length + at) ? 'ONLINE' : 'OFFLINE']
        })
        expect(records.map(({ userId, status }) => [userId, status])).toEqual(expected)
      }
    })
  })
}
