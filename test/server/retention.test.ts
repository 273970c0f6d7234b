import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import { type Retention, startRetention } from '../../src/server/retention.ts'
import { UnavailableError } from '../../src/store/database/database.ts'
import type { RetentionRule } from '../../src/store/store.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createRecordingLogger } from '../support/recording-logger.ts'
import { conversationOf, enrol, say } from '../support/tenant-fixture.ts'
import { openWorld, type World } from '../support/world.ts'

const DAY_MS = 86_400_000
const keepAll: RetentionRule = { maxAgeMs: null, maxEvents: null }

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

async function tenantWith(messages: number) {
  const tenant = world.store.tenant(newId())
  await enrol(tenant, 'alice')
  const room = await conversationOf(tenant, ['alice'])
  for (let n = 0; n < messages; n++) await say(tenant, room, 'alice')
  return { tenant, room }
}

const floorOf = async ({ tenant }: Awaited<ReturnType<typeof tenantWith>>) =>
  (await tenant.log.after(0, 1)).events[0]?.position

function start(retention: Partial<Retention>) {
  const clock = createManualClock(Date.now())
  const logger = createRecordingLogger()
  let prunings = 0
  const store = {
    ...world.store,
    tenant(id: string) {
      prunings++
      return world.store.tenant(id)
    },
  }
  const rules = { rule: keepAll, tenants: new Map(), everyMs: 60_000, ...retention }
  const running = startRetention({ store, clock, logger, retention: rules })
  const round = async () => {
    clock.advance(60_000)
    await vi.waitUntil(() => clock.pending > 0)
  }
  return { clock, logger, round, close: running.close, prunings: () => prunings }
}

test('each tenant is pruned by its own rule, else by the one for all', async () => {
  const [plain, large] = [await tenantWith(9), await tenantWith(9)]
  const tenants = new Map([[large.tenant.id, { ...keepAll, maxEvents: 8 }]])
  const { round, close } = start({ rule: { ...keepAll, maxEvents: 4 }, tenants })
  expect(await floorOf(plain)).toBe(1)
  await round()
  expect([await floorOf(plain), await floorOf(large)]).toEqual([7, 3])
  await say(plain.tenant, plain.room, 'alice')
  await round()
  expect([await floorOf(plain), await floorOf(large)]).toEqual([8, 3])
  await close()
})

test('a round passes over those for whom nothing is due, until they grow old', async () => {
  const aged = await tenantWith(2)
  const { clock, round, close, prunings } = start({ rule: { maxAgeMs: DAY_MS, maxEvents: 100 } })
  await round()
  const first = prunings()
  expect(first).toBeGreaterThan(0)
  await round()
  expect(prunings()).toBe(first)
  expect(await floorOf(aged)).toBe(1)
  clock.advance(DAY_MS)
  await vi.waitUntil(() => clock.pending > 0)
  await round()
  expect(await floorOf(aged)).toBeUndefined()
  await close()
})

test('what fails is told once a round and tried again in the next', async () => {
  const tenant = await tenantWith(3)
  const clock = createManualClock(Date.now())
  const logger = createRecordingLogger()
  let away = true
  const store = {
    ...world.store,
    headsAfter: (id: string, limit: number) =>
      away ? Promise.reject(new Error('away')) : world.store.headsAfter(id, limit),
  }
  const retention = { rule: { ...keepAll, maxEvents: 1 }, tenants: new Map(), everyMs: 60_000 }
  const running = startRetention({ store, clock, logger, retention })
  clock.advance(60_000)
  await vi.waitUntil(() => clock.pending > 0)
  expect(logger.entries.map(({ level }) => level)).toEqual(['warn'])
  away = false
  clock.advance(60_000)
  await vi.waitUntil(() => clock.pending > 0)
  expect(await floorOf(tenant)).toBe(4)
  await running.close()
  expect(clock.pending).toBe(0)
})

test('a tenant whose log cannot be pruned keeps no other from it', async () => {
  const tenants = [await tenantWith(3), await tenantWith(3), await tenantWith(3)]
  const [broken = '', ...others] = tenants.map(({ tenant }) => tenant.id).sort()
  const clock = createManualClock(Date.now())
  const logger = createRecordingLogger()
  const store = {
    ...world.store,
    tenant(id: string) {
      const tenant = world.store.tenant(id)
      if (id !== broken) return tenant
      const prune = () => Promise.reject(new UnavailableError('canceling statement due to statement timeout'))
      return { ...tenant, log: { ...tenant.log, prune } }
    },
  }
  const retention = { rule: { ...keepAll, maxEvents: 1 }, tenants: new Map(), everyMs: 60_000 }
  const running = startRetention({ store, clock, logger, retention })
  clock.advance(60_000)
  await vi.waitUntil(() => clock.pending > 0)
  const oldest = async (id: string) => (await world.store.tenant(id).log.after(0, 1)).events[0]?.position
  expect(await Promise.all(others.map(oldest))).toEqual([4, 4])
  expect(await oldest(broken)).toBe(1)
  expect(logger.entries.map(({ level }) => level)).toEqual(['warn'])
  await running.close()
})
