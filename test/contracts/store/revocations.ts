import { expect, test } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import type { RevocationRecord, RevocationTarget } from '../../../src/domain/revocation.ts'
import { command } from '../../../src/store/command.ts'
import { revoke } from '../../../src/store/commands/revoke.ts'
import type { Store, TenantStore } from '../../../src/store/store.ts'
import { enrol } from '../../support/tenant-fixture.ts'

const ALICE: RevocationTarget = { scope: 'user', id: 'alice' }
const TOKEN: RevocationTarget = { scope: 'token', id: 'alice' }
const DAY = 86_400
/** Keeps nothing, however soon after: `at` is rounded to a millisecond, and may lie a little ahead. Seconds. */
const NOTHING = -1
const START = { position: 0, mark: 0n }

const placeOf = ({ revocationPosition, mark }: RevocationRecord) => ({ position: revocationPosition, mark })

/** What the store promises of the tokens that are taken back, over any database. */
export function describeRevocations(open: () => Promise<Store>): void {
  async function tenantOf(): Promise<TenantStore> {
    const tenant = (await open()).tenant(newId())
    await enrol(tenant, 'ada')
    return tenant
  }

  async function take(tenant: TenantStore, target: RevocationTarget, keepSeconds = DAY) {
    const made = await tenant.log.submit(command(revoke, { ...target, actorId: 'ada', keepSeconds }))
    if (made === undefined) throw new Error('nothing was taken back')
    return made
  }

  const idsAfter = async (tenant: TenantStore, position: number, limit = 100) =>
    (await tenant.revocations.after(position, limit)).revocations.map(({ id }) => id)

  test('a user and a token of the same id are two, found by what they are', async () => {
    const tenant = await tenantOf()
    expect(await tenant.revocations.of([ALICE, TOKEN])).toEqual({ head: START, revocations: [] })
    const user = await take(tenant, ALICE)
    expect(user).toEqual({ ...ALICE, revocationPosition: 1, mark: expect.any(BigInt), at: expect.any(Date) })
    expect(await tenant.revocations.of([ALICE, TOKEN])).toEqual({ head: placeOf(user), revocations: [user] })
    const token = await take(tenant, TOKEN)
    expect(await tenant.revocations.of([TOKEN])).toEqual({ head: placeOf(token), revocations: [token] })
    expect(await tenant.revocations.of([{ scope: 'user', id: 'nul \0' }])).toEqual({
      head: placeOf(token),
      revocations: [],
    })
  })

  test('they are numbered without a hole, however many come at once, and the head says how far', async () => {
    const store = await open()
    const tenant = await tenantOf()
    const ids = Array.from({ length: 50 }, (_, n) => `t${n}`)
    const made = await Promise.all(ids.map(id => take(tenant, { scope: 'token', id })))
    expect(made.map(each => each.revocationPosition)).toEqual(ids.map((_, n) => n + 1))
    expect(await idsAfter(tenant, 0)).toEqual(ids)
    expect(await idsAfter(tenant, 10, 2)).toEqual(['t10', 't11'])
    expect((await store.heads([tenant.id])).get(tenant.id)).toMatchObject({ position: 0, revocationPosition: 50 })
  })

  test('a second one of the same takes the place of the first, as the newest', async () => {
    const tenant = await tenantOf()
    const first = await take(tenant, ALICE)
    await take(tenant, TOKEN)
    const second = await take(tenant, ALICE)
    expect(second.at.getTime()).toBeGreaterThanOrEqual(first.at.getTime())
    expect(await tenant.revocations.after(1, 10)).toMatchObject({
      head: placeOf(second),
      revocations: [TOKEN, { ...ALICE, revocationPosition: 3 }],
    })
  })

  test('each place has a mark of its own, which the head says of the last, for as long as it is kept', async () => {
    const store = await open()
    const tenant = await tenantOf()
    const markAt = async (position: number) => (await tenant.revocations.after(position, 0)).mark
    const [first, second] = [await take(tenant, ALICE), await take(tenant, TOKEN)]
    expect(second.mark).not.toBe(first.mark)
    expect([await markAt(0), await markAt(1), await markAt(2), await markAt(3)]).toEqual([
      null,
      first.mark,
      second.mark,
      null,
    ])
    const third = await take(tenant, TOKEN)
    expect([await markAt(1), await markAt(2), await markAt(3)]).toEqual([first.mark, null, third.mark])
    expect((await tenant.revocations.after(1, 10)).revocations).toEqual([third])
    const head = (await store.heads([tenant.id])).get(tenant.id)
    expect(head).toMatchObject({ revocationPosition: 3, revocationMark: third.mark })
  })

  test('what no living token could have is forgotten, a few at a time; never the one that is made', async () => {
    const tenant = await tenantOf()
    for (let n = 0; n < 15; n++) await take(tenant, { scope: 'token', id: `t${n}` })
    await take(tenant, { scope: 'token', id: 't0' }, NOTHING)
    expect(await idsAfter(tenant, 0)).toEqual(['t10', 't11', 't12', 't13', 't14', 't0'])
    await take(tenant, { scope: 'token', id: 't0' })
    expect(await idsAfter(tenant, 0)).toEqual(['t10', 't11', 't12', 't13', 't14', 't0'])
    await take(tenant, { scope: 'token', id: 't11' }, NOTHING)
    expect(await idsAfter(tenant, 0)).toEqual(['t11'])
  })

  test('it touches nothing of another tenant', async () => {
    const [own, other] = [await tenantOf(), await tenantOf()]
    await take(own, ALICE)
    expect(await other.revocations.of([ALICE])).toEqual({ head: START, revocations: [] })
    expect(await idsAfter(other, 0)).toEqual([])
  })

  test('a tenant that nobody has come to yet has none', async () => {
    const unknown = (await open()).tenant(newId())
    expect(await unknown.revocations.of([ALICE])).toEqual({ head: START, revocations: [] })
  })
}
