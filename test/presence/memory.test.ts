import { describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryPresence, type MemoryPresenceOptions } from '../../src/presence/memory.ts'
import { GRACE_MS, IDLE_MS, presenceContract } from '../contracts/presence.ts'
import { createManualClock } from '../support/manual-clock.ts'

presenceContract('the memory registry', () => {
  const clock = createManualClock()
  return { registry: createMemoryPresence({ clock }), now: clock.now, advance: clock.advance }
})

function create(options: Partial<MemoryPresenceOptions> = {}) {
  const clock = createManualClock()
  const registry = createMemoryPresence({ clock, ...options })
  const one = async (userId: string) => (await registry.get('acme', [userId]))[0]
  return { clock, registry, one }
}

describe('the memory registry', () => {
  it('has one timer however many users there are, and none after closing', async () => {
    const { clock, registry } = create()
    for (let n = 0; n < 1_000; n++) registry.connect(`tenant${n % 7}`, `user${n}`, `c${n}`)
    for (let n = 0; n < 500; n++) registry.disconnect(`tenant${n % 7}`, `user${n}`, `c${n}`, n % 2 === 0)
    expect(clock.pending).toBe(1)
    clock.advance(GRACE_MS)
    expect(clock.pending).toBe(1)
    await registry.close()
    expect(clock.pending).toBe(0)
    registry.connect('acme', 'late', 'c')
    expect(clock.pending).toBe(0)
  })

  it.each([1_000, 300])(
    'finds each user idle at their own time, in whatever order they were active, %i ms apart',
    async apart => {
      const { clock, registry } = create()
      const away: string[] = []
      registry.onChange((_, { userId, status }) => status === 'AWAY' && away.push(`${userId} ${clock.now() - start}`))
      const start = clock.now()
      for (const user of ['a', 'b', 'c']) registry.connect('acme', user, user)
      clock.advance(apart)
      registry.touch('acme', 'b', 'b')
      clock.advance(apart)
      registry.touch('acme', 'a', 'a')
      clock.advance(IDLE_MS)
      expect(away).toEqual([`c ${IDLE_MS}`, `b ${IDLE_MS + apart}`, `a ${IDLE_MS + 2 * apart}`])
      expect(clock.pending).toBe(0)
    },
  )

  it('finds nobody idle later because the clock was put back', async () => {
    const clock = createManualClock()
    let back = 0
    const registry = createMemoryPresence({ clock: { ...clock, now: () => clock.now() - back } })
    onTestFinished(() => registry.close())
    const away: string[] = []
    registry.onChange((_, { userId, status }) => status === 'AWAY' && away.push(userId))
    registry.connect('acme', 'ada', 'c')
    back = 3_600_000
    registry.touch('acme', 'ada', 'c')
    clock.advance(2 * IDLE_MS)
    expect(away).toEqual(['ada'])
  })

  it('forgets who left long ago and chose nothing', async () => {
    const { clock, registry, one } = create({ rememberMs: 60_000 })
    registry.connect('acme', 'plain', 'c1')
    registry.connect('acme', 'hidden', 'c2')
    await registry.set('acme', 'hidden', 'OFFLINE', null)
    registry.disconnect('acme', 'plain', 'c1', true)
    registry.disconnect('acme', 'hidden', 'c2', true)
    clock.advance(59_999)
    expect((await one('plain'))?.lastSeenAt).not.toBeNull()
    clock.advance(1)
    expect((await one('plain'))?.lastSeenAt).toBeNull()
    registry.connect('acme', 'hidden', 'c3')
    expect((await one('hidden'))?.status).toBe('OFFLINE')
  })

  it('does not forget by time who chose after leaving', async () => {
    const { clock, registry, one } = create({ rememberMs: 60_000 })
    registry.connect('acme', 'ada', 'c1')
    registry.disconnect('acme', 'ada', 'c1', true)
    await registry.set('acme', 'ada', 'OFFLINE', 'gone fishing')
    clock.advance(60_001)
    expect((await one('ada'))?.statusText).toBe('gone fishing')
  })

  it('remembers no more users than its bound, and forgets who left longest ago', async () => {
    const { registry, one } = create({ rememberMax: 2 })
    for (const user of ['a', 'b', 'c']) {
      registry.connect('acme', user, user)
      await registry.set('acme', `${user} with text`, 'ONLINE', 'hello')
    }
    for (const user of ['a', 'b', 'c']) registry.disconnect('acme', user, user, true)
    expect([await one('a'), await one('b'), await one('c')].map(record => record?.lastSeenAt === null)).toEqual([
      true,
      false,
      false,
    ])
    expect((await one('a with text'))?.statusText).toBeNull()
    expect((await one('c with text'))?.statusText).toBe('hello')
  })

  it('never forgets a user who is connected', async () => {
    const { clock, registry, one } = create({ rememberMs: 1_000, rememberMax: 1 })
    registry.connect('acme', 'ada', 'c1')
    registry.disconnect('acme', 'ada', 'c1', true)
    registry.connect('acme', 'ada', 'c2')
    registry.connect('acme', 'bob', 'c3')
    registry.disconnect('acme', 'bob', 'c3', true)
    clock.advance(2_000)
    expect((await one('ada'))?.status).toBe('ONLINE')
    expect((await one('bob'))?.lastSeenAt).toBeNull()
  })

  it('hears of a listener that threw', () => {
    const errors: unknown[] = []
    const { registry } = create({ onListenerError: error => errors.push(error) })
    const broken = new Error('a broken listener')
    registry.onChange(() => {
      throw broken
    })
    registry.connect('acme', 'ada', 'c1')
    expect(errors).toEqual([broken])
  })
})
