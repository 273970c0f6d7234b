import { expect, test, vi } from 'vitest'
import { createMemoryBus } from '../../src/bus/memory.ts'
import { administer } from '../support/database.ts'
import { admin, before, later, node, postgres, storeWith, tenantId, token, user } from './revocation-world.ts'

test('a database that was put back to an older state is believed', async () => {
  const { standing, revoke, clock } = node()
  await revoke(admin, user('ada'))
  expect(await standing(before)).toBe('revoked')
  await administer(`DELETE FROM revocation WHERE tenant_id = '${tenantId}'`, postgres.url)
  await administer(`UPDATE tenant_head SET revocation_position = 0 WHERE tenant_id = '${tenantId}'`, postgres.url)
  clock.advance(2_000)
  await vi.waitUntil(() => clock.pending > 0)
  // Somebody else is asked for first: what was remembered of Ada is not to be believed because of that.
  expect(await standing(admin)).toBe('good')
  expect(await standing(before)).toBe('good')
  await revoke(admin, token('old'))
  expect(await standing(before)).toBe('revoked')
})

test('what was revoked after a database was put back ends open sessions also where it was known to go further', async () => {
  const [here, there] = [node(), node()]
  for (const id of ['one', 'two', 'three']) await here.revoke(admin, token(id))
  const told = vi.fn()
  there.watch(before, told)
  expect(await there.standing(before)).toBe('good')
  await administer(`DELETE FROM revocation WHERE tenant_id = '${tenantId}'`, postgres.url)
  await administer(`UPDATE tenant_head SET revocation_position = 0 WHERE tenant_id = '${tenantId}'`, postgres.url)
  await node().revoke(admin, token('old'))
  there.clock.advance(2_000)
  await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(1))
})

test.each([
  ['as many', 5],
  ['more', 6],
])('what was revoked after a database was put back is found where it has %s revocations by then', async (_, count) => {
  const [here, there] = [node(), node()]
  const told = vi.fn()
  there.watch(before, told)
  expect(await there.standing(before)).toBe('good')
  for (let n = 0; n < 5; n++) await here.revoke(admin, token(`lost ${n}`))
  there.clock.advance(2_000)
  await expect.poll(() => there.standing({ ...before, tokenId: 'lost 4' })).toBe('revoked')
  await administer(`DELETE FROM revocation WHERE tenant_id = '${tenantId}'`, postgres.url)
  await administer(`UPDATE tenant_head SET revocation_position = 0 WHERE tenant_id = '${tenantId}'`, postgres.url)
  const again = node()
  await again.revoke(admin, token('old'))
  for (let n = 1; n < count; n++) await again.revoke(admin, token(`new ${n}`))
  expect(told).not.toHaveBeenCalled()
  there.clock.advance(2_000)
  await expect.poll(() => told.mock.calls.length).toBe(1)
  expect(await there.standing(before)).toBe('revoked')
  expect(await there.standing({ ...before, tokenId: 'lost 4' })).toBe('good')
})

test('an answer of before a database was put back does not skip what is read anew', async () => {
  const bus = createMemoryBus()
  const gates: (() => void)[] = []
  let slow = false
  const through = storeWith(async ask => {
    const isSlow = slow
    const answer = await ask()
    if (isSlow) await new Promise<void>(resolve => gates.push(resolve))
    return answer
  })
  const [here, there] = [node(), node({ bus, through })]
  const told = vi.fn()
  await here.revoke(admin, token('lost 1'))
  there.watch(before, told)
  expect(await there.standing(before)).toBe('good')
  await here.revoke(admin, token('lost 2'))
  slow = true
  bus.publish([tenantId, 'sessions'], '2')
  await expect.poll(() => gates.length).toBe(1)
  slow = false
  await administer(`DELETE FROM revocation WHERE tenant_id = '${tenantId}'`, postgres.url)
  await administer(`UPDATE tenant_head SET revocation_position = 0 WHERE tenant_id = '${tenantId}'`, postgres.url)
  await node().revoke(admin, token('old'))
  expect(await there.standing({ ...before, tokenId: 'another' })).toBe('good')
  for (const open of gates) open()
  await expect.poll(() => told.mock.calls.length).toBe(1)
})

test('what is revoked again is found, although its former place is gone', async () => {
  const [here, there] = [node(), node()]
  const told = vi.fn()
  await here.revoke(admin, user('ada'))
  expect(await there.standing(later)).toBe('good')
  there.watch({ ...later, tokenId: null }, told)
  for (const id of ['new', 'new', 'other']) {
    await here.revoke(admin, token(id))
    there.clock.advance(2_000)
    await expect.poll(() => there.standing(later)).toBe('revoked')
  }
  await here.revoke(admin, token('other'))
  await administer(
    `UPDATE revocation SET at = at + interval '2 hours' WHERE tenant_id = '${tenantId}' AND id = 'ada'`,
    postgres.url,
  )
  await here.revoke(admin, user('ada'))
  there.clock.advance(2_000)
  await expect.poll(() => told.mock.calls.length).toBe(1)
})

test('a node of the release before, whose revocations have no mark, is understood', async () => {
  const { standing, watch, clock } = node()
  const told = vi.fn()
  for (const id of ['old', 'new']) watch({ ...later, tokenId: id }, told)
  for (const [n, id] of ['other', 'old', 'new'].entries()) {
    expect(await standing({ ...before, tokenId: id })).toBe('good')
    await administer(
      `UPDATE tenant_head SET revocation_position = ${n + 1} WHERE tenant_id = '${tenantId}';
      INSERT INTO revocation (tenant_id, scope, id, revocation_position, at) VALUES ('${tenantId}', 'token', '${id}', ${n + 1}, now())`,
      postgres.url,
    )
    clock.advance(2_000)
    await expect.poll(() => standing({ ...before, tokenId: id })).toBe('revoked')
  }
  await expect.poll(() => told.mock.calls.length).toBe(2)
})
