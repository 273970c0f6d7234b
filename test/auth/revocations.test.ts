import { expect, test, vi } from 'vitest'
import { viewerOf as readClaims } from '../../src/auth/claims.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { createMemoryBus } from '../../src/bus/memory.ts'
import { newId } from '../../src/domain/ids.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { UnavailableError } from '../../src/store/database/database.ts'
import { administer } from '../support/database.ts'
import { viewerOf } from '../support/world.ts'
import {
  admin,
  before,
  HOUR,
  LIFETIME_SECONDS,
  later,
  node,
  postgres,
  store,
  storeWith,
  tenantId,
  token,
  undated,
  user,
} from './revocation-world.ts'

test("a user's tokens are refused that were issued until then, or do not say when", async () => {
  const { standing, revoke } = node()
  const bob = viewerOf(tenantId, 'bob')
  const namesake = { ...before, ...viewerOf(newId(), 'ada') }
  expect(await Promise.all([before, later, undated].map(standing))).toEqual(['good', 'good', 'good'])
  await revoke(admin, user('ada'))
  expect(await Promise.all([before, later, undated].map(standing))).toEqual(['revoked', 'good', 'revoked'])
  expect(await Promise.all([bob, namesake].map(standing))).toEqual(['good', 'good'])
})

test('an issuer whose clock is ahead by what is borne with issues no token that outlives the revocation of its user', async () => {
  const { standing, revoke, watch } = node()
  const [told, kept] = [vi.fn(), vi.fn()]
  const at = (await revoke(admin, user('ada'))).getTime()
  const issued = (aheadMs: number): Viewer => ({ ...later, issuedAt: at + aheadMs })
  const [ahead, past] = [issued(5_000), issued(5_001)]
  expect(await Promise.all([ahead, past].map(standing))).toEqual(['revoked', 'good'])
  watch(ahead, told)
  watch(past, kept)
  await expect.poll(() => told.mock.calls.length).toBe(1)
  expect(kept).not.toHaveBeenCalled()
})

test.each([
  ['says when it was issued', true],
  ['does not say when', false],
])(
  'a revocation is remembered for as long as any token is good that %s, over clocks that differ by 5 s',
  async (_, dated) => {
    const { revoke } = node()
    const at = (await revoke(admin, user('ada'))).getTime()
    // Issued just before, for as long as can be, by a clock that is 5 s ahead; and looked at by one that is 5 s behind.
    const iat = at / 1000 + 5
    const claims = { org_id: tenantId, sub: 'ada', exp: iat + LIFETIME_SECONDS, ...(dated && { iat }) }
    const rules = { tenantClaim: 'org_id', maxLifetimeSeconds: LIFETIME_SECONDS }
    const ada = readClaims(Buffer.from(JSON.stringify(claims)), rules, at + 5_000)
    const goodForMs = ada.expiresAt - at + 5_000
    const standingAfter = async (ms: number) => {
      await administer(
        `UPDATE revocation SET at = to_timestamp(${at - ms} / 1000.0) WHERE tenant_id = '${tenantId}' AND id = 'ada'`,
        postgres.url,
      )
      await revoke(admin, token('another'))
      return node().standing({ ...ada, issuedAt: ada.issuedAt && ada.issuedAt - ms })
    }
    expect(await standingAfter(goodForMs - 1_000)).toBe('revoked')
    expect(await standingAfter(goodForMs + HOUR)).toBe('good')
  },
)

test('a token is refused by its id alone, whenever it was issued', async () => {
  const { standing, revoke } = node()
  await revoke(admin, token('new'))
  expect(await Promise.all([before, later, undated].map(standing))).toEqual(['good', 'revoked', 'good'])
})

test('another node that remembers otherwise knows by its next sweep, without any word', async () => {
  const [here, there] = [node(), node()]
  const told = vi.fn()
  expect(await Promise.all([before, later].map(there.standing))).toEqual(['good', 'good'])
  // Known already: the watch asks nothing, which could be answered after what follows.
  there.watch(later, told)
  await here.revoke(admin, user('ada'))
  await here.revoke(admin, token('new'))
  expect(await there.standing(before)).toBe('good')
  there.clock.advance(2_000)
  await expect.poll(() => there.standing(before)).toBe('revoked')
  expect(await there.standing(later)).toBe('revoked')
  expect(told).toHaveBeenCalledOnce()
})

test('another node that is told knows at once', async () => {
  const bus = createMemoryBus()
  const [here, there] = [node({ bus }), node({ bus })]
  const told = vi.fn()
  there.watch(before, told)
  expect(await there.standing(before)).toBe('good')
  await here.revoke(admin, user('ada'))
  await expect.poll(() => there.standing(before)).toBe('revoked')
  expect(told).toHaveBeenCalledOnce()
})

test('a node that comes back to the bus asks for what it was not told', async () => {
  const bus = createMemoryBus()
  const backs: (() => void)[] = []
  const away: Bus = {
    ...bus,
    onBack(task) {
      backs.push(task)
      return () => {}
    },
  }
  const [here, there] = [node(), node({ bus: away })]
  expect(await there.standing(before)).toBe('good')
  await here.revoke(admin, user('ada'))
  for (const back of backs) back()
  there.clock.advance(0)
  await expect.poll(() => there.standing(before)).toBe('revoked')
})

test('what comes over the bus is a hint: rubbish and lies neither revoke nor spare', async () => {
  const bus = createMemoryBus()
  const { standing, revoke } = node({ bus })
  expect(await standing(before)).toBe('good')
  for (const lie of ['', 'x', '-1', '0', '1e3', '9007199254740991', '{"position":1}', `${10n ** 30n}`]) {
    bus.publish([tenantId, 'sessions'], lie)
  }
  await expect.poll(() => standing(before)).toBe('good')
  await revoke(admin, token('new'))
  expect(await standing(later)).toBe('revoked')
  await revoke(admin, user('ada'))
  expect(await standing(before)).toBe('revoked')
})

test('an answer that was on its way when a token was revoked is not believed afterwards', async () => {
  const gates: (() => void)[] = []
  let slow = true
  const through = storeWith(async ask => {
    const answer = await ask()
    if (slow) await new Promise<void>(resolve => gates.push(resolve))
    return answer
  })
  const [here, there] = [node(), node({ through })]
  const asked = there.standing(before)
  await expect.poll(() => gates.length).toBe(1)
  slow = false
  await here.revoke(admin, token('other'))
  await there.revoke(admin, user('ada'))
  for (const open of gates) open()
  expect(await asked).toBe('revoked')
  expect(await there.standing(before)).toBe('revoked')
})

test('while the store is away what it said last is believed for 10 s, and nothing that it never said', async () => {
  let away = false
  const through = storeWith(ask => (away ? Promise.reject(new UnavailableError('away')) : ask()))
  const { standing, clock, logger } = node({ through })
  expect(await standing(before)).toBe('good')
  away = true
  expect(await standing(later)).toBe('unavailable')
  for (let passed = 0; passed < 8_000; passed += 2_000) {
    clock.advance(2_000)
    await vi.waitUntil(() => clock.pending > 0)
  }
  clock.advance(1_999)
  expect(await standing(before)).toBe('good')
  clock.advance(1)
  expect(await standing(before)).toBe('unavailable')
  expect(logger.entries.map(({ level }) => level)).toEqual(['warn'])
  away = false
  expect(await standing(before)).toBe('good')
})

test('a session that opens while its token is revoked is told all the same', async () => {
  const { revoke, watch } = node()
  await revoke(admin, user('ada'))
  const [told, kept] = [vi.fn(), vi.fn()]
  watch(before, told)
  watch(later, kept)
  await expect.poll(() => told.mock.calls.length).toBe(1)
  await revoke(admin, user('ada'))
  expect([told, kept].map(({ mock }) => mock.calls.length)).toEqual([1, 0])
})

test('a session that has ended is told nothing', async () => {
  const { revoke, watch } = node()
  const told = vi.fn()
  const [stop, stopLate] = [watch(before, told), watch(before, told)]
  expect([stop(), stop()]).toEqual([true, false])
  await revoke(admin, user('ada'))
  expect(told).toHaveBeenCalledOnce()
  expect(stopLate()).toBe(false)
})

test('hundreds of revocations that nobody told of are all read', async () => {
  const [here, there] = [node(), node()]
  const told = vi.fn()
  const sessions = Array.from({ length: 1_200 }, (_, n) => ({ ...viewerOf(tenantId, `u${n}`), tokenId: `t${n}` }))
  for (const session of sessions) there.watch(session, told)
  await Promise.all(sessions.map(session => there.standing(session)))
  await Promise.all(sessions.map((_, n) => here.revoke(admin, token(`t${n}`))))
  expect(told).not.toHaveBeenCalled()
  there.clock.advance(2_000)
  await expect.poll(() => told.mock.calls.length, { timeout: 10_000 }).toBe(1_200)
})

test('a tenant that nobody uses any more is listened to and asked for no longer', async () => {
  let listening = 0
  const memory = createMemoryBus()
  const bus: Bus = {
    ...memory,
    async subscribe(...subscribing) {
      listening++
      const stop = await memory.subscribe(...subscribing)
      return () => {
        listening--
        stop()
      }
    },
  }
  const { standing, watch, clock } = node({ bus })
  const stop = watch(later, () => {})
  await standing(before)
  const pass = async (ms: number) => {
    clock.advance(ms)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  await pass(60_000)
  await pass(2_000)
  expect([listening, clock.pending]).toEqual([1, 1])
  stop()
  await pass(2_000)
  await expect.poll(() => [listening, clock.pending]).toEqual([0, 0])
  expect(await standing(before)).toBe('good')
  expect([listening, clock.pending]).toEqual([1, 1])
})

test('what cannot be revoked because the store is away is not', async () => {
  const through = { ...store, tenant: (id: string) => ({ ...store.tenant(id), log: awayLog(id) }) }
  const { revoke } = node({ through })
  await expect(revoke(admin, user('ada'))).rejects.toThrow(UnavailableError)
  await expect(node().check(before)).resolves.toBeUndefined()
})

function awayLog(id: string) {
  return { ...store.tenant(id).log, submit: () => Promise.reject(new UnavailableError('away')) }
}
