import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PresenceRecord } from '../../src/domain/records.ts'
import type { PresenceRegistry } from '../../src/presence/presence.ts'

export const IDLE_MS = 5 * 60_000
export const GRACE_MS = 15_000

/** A registry with the default times, and what moves the time it goes by. */
export interface PresenceWorld {
  readonly registry: PresenceRegistry
  now(): number
  advance(ms: number): Promise<void> | void
}

/** What every presence registry keeps. */
export function presenceContract(name: string, create: () => Promise<PresenceWorld> | PresenceWorld): void {
  describe(`${name} keeps the presence contract`, () => {
    let world: PresenceWorld
    let registry: PresenceRegistry
    let tenant: string
    let said: string[]
    beforeEach(async () => {
      world = await create()
      registry = world.registry
      tenant = randomUUID()
      said = []
      registry.onChange((tenantId, { userId, status, statusText }) => {
        if (tenantId === tenant) said.push([userId, status, statusText ?? ''].join(' ').trim())
      })
    })
    afterEach(() => registry.close())

    async function presence(userId: string): Promise<PresenceRecord | undefined> {
      const [record] = await registry.get(tenant, [userId])
      return record
    }
    const isNow = (userId: string, status: string) =>
      vi.waitFor(async () => expect((await presence(userId))?.status).toBe(status))
    const saidExactly = (expected: string[]) => vi.waitFor(() => expect(said).toEqual(expected))
    const seenAt = (userId: string, ms: number) =>
      vi.waitFor(async () => expect((await presence(userId))?.lastSeenAt).toEqual(new Date(ms)))

    describe('connections', () => {
      it('tells only the first that comes and the last that goes', async () => {
        registry.connect(tenant, 'ada', 'one')
        registry.connect(tenant, 'ada', 'two')
        await isNow('ada', 'ONLINE')
        registry.disconnect(tenant, 'ada', 'one', true)
        await isNow('ada', 'ONLINE')
        registry.disconnect(tenant, 'ada', 'two', true)
        await isNow('ada', 'OFFLINE')
        await saidExactly(['ada ONLINE', 'ada OFFLINE'])
      })

      it('shows nothing of a drop that is mended within the grace, again and again', async () => {
        registry.connect(tenant, 'ada', 'c0')
        await isNow('ada', 'ONLINE')
        for (let drop = 0; drop < 20; drop++) {
          registry.disconnect(tenant, 'ada', `c${drop}`, false)
          await world.advance(3_000)
          registry.connect(tenant, 'ada', `c${drop + 1}`)
          registry.touch(tenant, 'ada', `c${drop + 1}`)
          await world.advance(7_000)
        }
        await isNow('ada', 'ONLINE')
        expect(said).toEqual(['ada ONLINE'])
      })

      it('ends a lost connection after the grace and not before', async () => {
        registry.connect(tenant, 'ada', 'one')
        await isNow('ada', 'ONLINE')
        registry.disconnect(tenant, 'ada', 'one', false)
        await world.advance(GRACE_MS - 1)
        await isNow('ada', 'ONLINE')
        await world.advance(1)
        await isNow('ada', 'OFFLINE')
        await saidExactly(['ada ONLINE', 'ada OFFLINE'])
      })

      it('leaves a user online who has another device when one is lost for good', async () => {
        registry.connect(tenant, 'ada', 'one')
        registry.connect(tenant, 'ada', 'two')
        registry.disconnect(tenant, 'ada', 'one', false)
        await world.advance(GRACE_MS * 4)
        await isNow('ada', 'ONLINE')
        expect(said).toEqual(['ada ONLINE'])
      })

      it('ends a lost connection at once when it says goodbye after all', async () => {
        registry.connect(tenant, 'ada', 'one')
        registry.disconnect(tenant, 'ada', 'one', false)
        registry.disconnect(tenant, 'ada', 'one', true)
        await isNow('ada', 'OFFLINE')
      })

      it('takes unknown and doubled calls calmly', async () => {
        registry.touch(tenant, 'ada', 'never')
        registry.disconnect(tenant, 'ada', 'never', true)
        registry.connect(tenant, 'ada', 'one')
        registry.connect(tenant, 'ada', 'one')
        registry.disconnect(tenant, 'ada', 'one', true)
        registry.disconnect(tenant, 'ada', 'one', true)
        registry.touch(tenant, 'ada', 'one')
        await isNow('ada', 'OFFLINE')
        await saidExactly(['ada ONLINE', 'ada OFFLINE'])
      })
    })

    describe('idleness', () => {
      it('takes a request without a connection for activity on one that is open', async () => {
        registry.touch(tenant, 'ada', null)
        registry.connect(tenant, 'ada', 'one')
        await isNow('ada', 'ONLINE')
        await world.advance(IDLE_MS - 1)
        registry.touch(tenant, 'ada', null)
        await world.advance(IDLE_MS - 1)
        await isNow('ada', 'ONLINE')
        await world.advance(1)
        await isNow('ada', 'AWAY')
        registry.touch(tenant, 'ada', null)
        await isNow('ada', 'ONLINE')
        registry.disconnect(tenant, 'ada', 'one', false)
        registry.touch(tenant, 'ada', null)
        await world.advance(GRACE_MS)
        await saidExactly(['ada ONLINE', 'ada AWAY', 'ada ONLINE', 'ada OFFLINE'])
      })

      it('makes a user away when all devices are idle, and back at the first touch', async () => {
        registry.connect(tenant, 'ada', 'one')
        registry.connect(tenant, 'ada', 'two')
        await world.advance(IDLE_MS - 1_000)
        registry.touch(tenant, 'ada', 'two')
        await world.advance(IDLE_MS - 1)
        await isNow('ada', 'ONLINE')
        await world.advance(1)
        await isNow('ada', 'AWAY')
        registry.touch(tenant, 'ada', 'one')
        await isNow('ada', 'ONLINE')
        await saidExactly(['ada ONLINE', 'ada AWAY', 'ada ONLINE'])
      })

      it('makes a user away at once when the only active device leaves an idle one behind', async () => {
        registry.connect(tenant, 'ada', 'idle')
        await world.advance(IDLE_MS - 1_000)
        registry.connect(tenant, 'ada', 'active')
        await world.advance(2_000)
        registry.disconnect(tenant, 'ada', 'active', true)
        await isNow('ada', 'AWAY')
        await saidExactly(['ada ONLINE', 'ada AWAY'])
      })

      it('keeps an idle user away over a mended drop', async () => {
        registry.connect(tenant, 'ada', 'one')
        await isNow('ada', 'ONLINE')
        await world.advance(IDLE_MS)
        await isNow('ada', 'AWAY')
        registry.disconnect(tenant, 'ada', 'one', false)
        await world.advance(3_000)
        registry.connect(tenant, 'ada', 'two')
        await world.advance(GRACE_MS)
        await isNow('ada', 'AWAY')
        registry.touch(tenant, 'ada', 'two')
        await isNow('ada', 'ONLINE')
        await saidExactly(['ada ONLINE', 'ada AWAY', 'ada ONLINE'])
      })
    })

    describe('choices', () => {
      it('lets a chosen status hide being online until it is taken back', async () => {
        registry.connect(tenant, 'ada', 'one')
        expect(await registry.set(tenant, 'ada', 'OFFLINE', null)).toMatchObject({ userId: 'ada', status: 'OFFLINE' })
        registry.touch(tenant, 'ada', 'one')
        registry.connect(tenant, 'ada', 'two')
        await isNow('ada', 'OFFLINE')
        expect((await registry.set(tenant, 'ada', 'AWAY', null)).status).toBe('AWAY')
        expect((await registry.set(tenant, 'ada', 'ONLINE', null)).status).toBe('ONLINE')
        await saidExactly(['ada ONLINE', 'ada OFFLINE', 'ada AWAY', 'ada ONLINE'])
      })

      it('never makes a user more present than they are', async () => {
        expect((await registry.set(tenant, 'ada', 'ONLINE', null)).status).toBe('OFFLINE')
        expect((await registry.set(tenant, 'ada', 'AWAY', null)).status).toBe('OFFLINE')
        registry.connect(tenant, 'ada', 'one')
        await isNow('ada', 'AWAY')
        registry.disconnect(tenant, 'ada', 'one', true)
        await isNow('ada', 'OFFLINE')
      })

      it('keeps a choice over goodbyes', async () => {
        registry.connect(tenant, 'ada', 'one')
        await registry.set(tenant, 'ada', 'AWAY', 'at lunch')
        registry.disconnect(tenant, 'ada', 'one', true)
        await isNow('ada', 'OFFLINE')
        registry.connect(tenant, 'ada', 'two')
        await isNow('ada', 'AWAY')
        expect((await presence('ada'))?.statusText).toBe('at lunch')
      })

      it('announces a changed text, leaves it when it is not said and takes it away on null', async () => {
        registry.connect(tenant, 'ada', 'one')
        await isNow('ada', 'ONLINE')
        await registry.set(tenant, 'ada', 'ONLINE', 'busy')
        expect((await registry.set(tenant, 'ada', 'ONLINE', undefined)).statusText).toBe('busy')
        expect((await registry.set(tenant, 'ada', 'ONLINE', null)).statusText).toBeNull()
        await saidExactly(['ada ONLINE', 'ada ONLINE busy', 'ada ONLINE'])
      })
    })

    describe('lastSeenAt', () => {
      it('is the last activity on any connection, and null for one never seen', async () => {
        expect(await presence('ada')).toEqual({ userId: 'ada', status: 'OFFLINE', statusText: null, lastSeenAt: null })
        registry.connect(tenant, 'ada', 'one')
        await seenAt('ada', world.now())
        await world.advance(1_000)
        registry.touch(tenant, 'ada', 'one')
        const touched = world.now()
        await seenAt('ada', touched)
        await world.advance(1_000)
        registry.disconnect(tenant, 'ada', 'one', true)
        await isNow('ada', 'OFFLINE')
        await seenAt('ada', touched)
      })

      it('is not moved by a connection that was lost', async () => {
        registry.connect(tenant, 'ada', 'one')
        const connected = world.now()
        await isNow('ada', 'ONLINE')
        registry.disconnect(tenant, 'ada', 'one', false)
        await world.advance(1_000)
        registry.touch(tenant, 'ada', 'one')
        await world.advance(GRACE_MS)
        await isNow('ada', 'OFFLINE')
        await seenAt('ada', connected)
      })

      it('does not betray a user who hides', async () => {
        registry.connect(tenant, 'ada', 'one')
        await isNow('ada', 'ONLINE')
        await registry.set(tenant, 'ada', 'OFFLINE', null)
        const hidden = world.now()
        await world.advance(60_000)
        registry.touch(tenant, 'ada', 'one')
        await seenAt('ada', hidden)
        await registry.set(tenant, 'ada', 'ONLINE', null)
        await seenAt('ada', world.now())
      })
    })

    it('answers in the order of the ids, repeated ones too, and says nothing of those it does not know', async () => {
      registry.connect(tenant, 'ada', 'one')
      await isNow('ada', 'ONLINE')
      const records = await registry.get(tenant, ['bob', 'ada', 'bob'])
      expect(records.map(({ userId, status }) => [userId, status])).toEqual([
        ['bob', 'OFFLINE'],
        ['ada', 'ONLINE'],
        ['bob', 'OFFLINE'],
      ])
    })

    it('never mixes tenants or users, whatever their ids are made of', async () => {
      registry.connect('a', 'b:c', 'one')
      registry.connect(tenant, '__proto__', 'two')
      await isNow('__proto__', 'ONLINE')
      const others = await Promise.all([
        registry.get('a:b', ['c']),
        registry.get('a', ['b', 'c']),
        registry.get('', ['a:b:c']),
      ])
      expect(others.flat().map(({ status }) => status)).toEqual(['OFFLINE', 'OFFLINE', 'OFFLINE', 'OFFLINE'])
      expect((await presence('constructor'))?.status).toBe('OFFLINE')
    })

    it('tells the others when one listener throws', async () => {
      const heard: string[] = []
      registry.onChange(() => {
        throw new Error('a broken listener')
      })
      registry.onChange((_, { status }) => heard.push(status))
      expect(() => registry.connect(tenant, 'ada', 'one')).not.toThrow()
      await vi.waitFor(() => expect(heard).toEqual(['ONLINE']))
    })
  })
}
