import { expect, test } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import type { Store } from '../../../src/store/store.ts'

/** What the store promises of users, over any database. */
export function describeUsers(open: () => Promise<Store>): void {
  const ada = { id: 'ada', name: 'Ada', avatarUrl: 'https://example.org/ada.png' }

  test('the same id is another user in every tenant', async () => {
    const store = await open()
    const [one, two] = [store.tenant(newId()), store.tenant(newId())]
    await one.users.ensure(ada)
    await two.users.ensure(ada)
    await two.users.ensure({ ...ada, name: 'Another' })
    expect(await one.users.byIds(['ada'])).toEqual([ada])
    expect(await two.users.byIds(['ada'])).toEqual([{ ...ada, name: 'Another' }])
  })

  test('a token that does not say a name or a picture leaves what an earlier one said', async () => {
    const { users } = (await open()).tenant(newId())
    await users.ensure(ada)
    await users.ensure({ id: 'ada', name: 'Countess', avatarUrl: null })
    await users.ensure({ id: 'ada', name: null, avatarUrl: null })
    expect(await users.byIds(['ada'])).toEqual([{ ...ada, name: 'Countess' }])
  })

  test('users come in the order of the ids, and an id that no column can hold is nobody’s', async () => {
    const { users } = (await open()).tenant(newId())
    await users.ensure(ada)
    await users.ensure({ id: '\ufffd', name: null, avatarUrl: null })
    expect(await users.byIds(['nul \0', 'nobody', '\ud800', 'ada', 'ada'])).toEqual([
      undefined,
      undefined,
      undefined,
      ada,
      ada,
    ])
  })
}
