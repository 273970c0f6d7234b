import { expect, test } from 'vitest'
import { fakeEngine, run } from '../engine-fixture.ts'

test('a user is any of the tenant, and null when there is none', async () => {
  const byIds = async (ids: readonly string[]) =>
    ids.map(id => (id === 'bob' ? { id, name: 'Bob', avatarUrl: null } : undefined))
  const { engine } = fakeEngine({}, { users: { byIds } })
  const query =
    '{ bob: user(id: "bob") { id name avatarUrl } none: user(id: "x") { id } nul: user(id: "\\u0000") { id } }'
  expect(await run(engine, query)).toEqual({
    data: { bob: { id: 'bob', name: 'Bob', avatarUrl: null }, none: null, nul: null },
  })
})
