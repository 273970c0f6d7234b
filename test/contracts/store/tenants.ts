import { expect, test } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import { toSend } from '../../../src/store/commands/send-message.ts'
import { createStore } from '../../../src/store/create-store.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { asTenant, asTenants } from '../../../src/store/session.ts'
import type { TenantStore } from '../../../src/store/store.ts'
import { conversationOf, draft, enrol, join, say } from '../../support/tenant-fixture.ts'

const ALL = { direction: 'forward', count: 100, cursor: null } as const

/** Every table but the record of migrations: one that is added later is under test by itself. */
const TABLES = {
  name: 'tables',
  text: `
    SELECT quote_ident(relname) AS name, relrowsecurity AND relforcerowsecurity AS held FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname <> 'migration'`,
  values: [],
}

/** By these names a transaction of several tenants finds its tables. */
const SHARED_TABLES = {
  name: 'shared_tables',
  text: `
    SELECT quote_ident(relname) AS name, relrowsecurity AND relforcerowsecurity AS held FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'p'`,
  values: [],
}

const UNSET = { name: 'unset', text: `SELECT set_config('colloquy.tenant_ids', '', true)`, values: [] }

/** What a row of each table that is only added to has besides its tenant. */
const ADDED = {
  idempotency_key: {
    user_id: `'mallory'`,
    scope: `'message'`,
    key: `'key'`,
    target_id: 'gen_random_uuid()',
    input_hash: `'\\x00'`,
  },
  message: {
    message_id: 'gen_random_uuid()',
    conversation_id: 'gen_random_uuid()',
    seq: '77',
    position: '77',
    sender_id: `'mallory'`,
    mentions: `'{}'`,
    version: '1',
    client_message_id: `'key'`,
    created_at: 'now()',
  },
  event: {
    position: '77',
    conversation_id: 'gen_random_uuid()',
    seq: '77',
    kind: `'MessageSent'`,
    actor_id: `'mallory'`,
    refs: `'{}'`,
    at: 'now()',
  },
} as const

/** By each name that such a table is written by. */
const ADDED_BY_NAME = [
  ...Object.entries(ADDED),
  ['shared_idempotency_key', ADDED.idempotency_key],
  ['shared_message', ADDED.message],
] as const

const whoseRows = (table: unknown) => ({
  name: `whose ${table}`,
  text: `SELECT DISTINCT tenant_id FROM ${table} ORDER BY 1`,
  values: [],
})

/** That the database itself keeps tenants apart, whatever a statement forgets. */
export function describeTenants(open: () => Promise<Database>): void {
  async function twoTenants() {
    const database = await open()
    const store = createStore(database)
    const [own, other] = [store.tenant(newId()), store.tenant(newId())]
    await enrol(own, 'alice', 'bob')
    await enrol(other, 'alice', 'bob')
    const room = await conversationOf(own, ['alice', 'bob'])
    const message = await say(own, room, 'alice', 'secret')
    return { database, own, other, room, message }
  }

  test('a statement without a tenant in it sees the rows of the transaction’s tenant alone', async () => {
    const { database, own, other } = await twoTenants()
    const [tables = []] = await database.read([TABLES])
    expect(tables.length).toBeGreaterThan(8)
    for (const { name, held } of tables) {
      expect(held, `row-level security of ${name}`).toBe(true)
      const count = { name: `count ${name}`, text: `SELECT DISTINCT tenant_id FROM ${name}`, values: [] }
      const [, mine = []] = await database.read([asTenant(own.id), count])
      expect(mine.every(row => row['tenant_id'] === own.id)).toBe(true)
      const [, theirs = []] = await database.read([asTenant(other.id), count])
      expect(theirs.every(row => row['tenant_id'] === other.id)).toBe(true)
      const [nobodys = []] = await database.read([count])
      expect(nobodys).toEqual([])
    }
  })

  test('a statement cannot write a row of another tenant', async () => {
    const { database, own, other } = await twoTenants()
    const forge = {
      name: 'forge',
      text: `INSERT INTO "user" (tenant_id, user_id) VALUES ($1, 'mallory')`,
      values: [other.id],
    }
    await expect(database.commit([asTenant(own.id), forge])).rejects.toMatchObject({ sqlState: '42501' })
  })

  test('a transaction that names several tenants sees theirs and nobody else’s by the shared names, and nobody’s by any other', async () => {
    const { database, own } = await twoTenants()
    const { own: third } = await twoTenants()
    const named = [own.id, third.id].toSorted()
    const [tables = [], shared = []] = await database.read([TABLES, SHARED_TABLES])
    expect(shared.length).toBeGreaterThan(5)
    for (const { name, held } of [...tables, ...shared]) {
      expect(held, `row-level security of ${name}`).toBe(true)
      const whose = whoseRows(name)
      const [, several, , one, , nobodys] = await database.read([
        ...[asTenants(named), whose, asTenant(own.id), whose],
        ...[asTenants([]), whose],
      ])
      const isShared = shared.some(table => table['name'] === name)
      expect(several, `rows of ${name}`).toEqual(isShared ? named.map(tenant_id => ({ tenant_id })) : [])
      if (isShared) expect(one).toEqual([{ tenant_id: own.id }])
      expect(nobodys).toEqual([])
    }
  })

  test('what no transaction has named, or a former one had, opens nothing', async () => {
    const { database, own } = await twoTenants()
    const [tables = []] = await database.read([SHARED_TABLES])
    for (const { name } of tables) {
      const whose = whoseRows(name)
      expect(await database.commit([asTenants([own.id]), whose])).toMatchObject([{}, [{ tenant_id: own.id }]])
      expect(await database.commit([whose, UNSET, whose])).toEqual([[], expect.anything(), []])
    }
  })

  test('a transaction that names several tenants cannot write a row of anybody else', async () => {
    const { database, own, other } = await twoTenants()
    const { own: third } = await twoTenants()
    const named = asTenants([own.id, third.id])
    const refused = { sqlState: '42501' }
    const give = { name: 'give', text: 'UPDATE shared_tenant_head SET tenant_id = $1', values: [other.id] }
    await expect(database.commit([asTenants([own.id]), give])).rejects.toMatchObject(refused)
    const move = { name: 'move_all', text: 'UPDATE shared_tenant_head SET receipt_position = 7', values: [] }
    await database.commit([named, move])
    const heads = await createStore(database).heads([own.id, other.id, third.id])
    expect([own, other, third].map(({ id }) => heads.get(id)?.receiptPosition)).toEqual([7, 0, 7])
  })

  test.each(ADDED_BY_NAME)(
    'nobody adds to %s a row of a tenant that the transaction has not named',
    async (name, row) => {
      const { database, own, other } = await twoTenants()
      const { own: third } = await twoTenants()
      const text = `INSERT INTO ${name} (tenant_id, ${Object.keys(row)}) VALUES ($1, ${Object.values(row)})`
      const forge = (id: string) => ({ name: `forge ${name}`, text, values: [id] })
      const alone = asTenant(own.id)
      const named = asTenants([own.id, third.id])
      const count = { name: `rows of ${name}`, text: `SELECT count(*)::int AS rows FROM ${name}`, values: [] }
      const countOf = async ({ id }: TenantStore) =>
        Number((await database.read([asTenant(id), count]))[1]?.[0]?.['rows'])
      const counts = () => Promise.all([own, third, other].map(countOf))
      const before = await counts()
      for (const statements of [
        [alone, forge(other.id)],
        [asTenants([own.id]), forge(other.id)],
        [named, forge(own.id), forge(other.id)],
        [named, alone, forge(third.id)],
        [forge(own.id)],
        [asTenants([]), forge(own.id)],
        [named, asTenants([]), forge(own.id)],
        [alone, asTenants([]), forge(own.id)],
        [named, UNSET, forge(own.id)],
      ]) {
        await expect(database.commit(statements)).rejects.toMatchObject({ sqlState: '42501' })
      }
      expect(await counts()).toEqual(before)
      await database.commit([named, forge(own.id), forge(third.id)])
      expect(await counts()).toEqual(before.map((count, n) => count + (n < 2 ? 1 : 0)))
    },
  )

  test('the door to the heads shows where logs end, and opens nothing else', async () => {
    const { database, own, other } = await twoTenants()
    const heads = await createStore(database).heads([own.id, other.id, newId()])
    expect([...heads.keys()].toSorted()).toEqual([own.id, other.id].toSorted())
    expect(heads.get(own.id)).toEqual({
      ...(await own.log.head()),
      receiptPosition: 0,
      revocationPosition: 0,
      revocationMark: 0n,
    })
    const door = { name: 'door', text: `SELECT set_config('colloquy.door', 'heads', true)`, values: [] }
    const [tables = []] = await database.read([TABLES])
    for (const { name } of tables) {
      const count = { name: `count ${name}`, text: `SELECT DISTINCT tenant_id FROM ${name}`, values: [] }
      const [, seen = []] = await database.read([door, count])
      expect(seen.length > 0, `rows of ${name}`).toBe(name === 'tenant_head')
    }
    const move = { name: 'move', text: 'UPDATE tenant_head SET position = 0', values: [] }
    await database.commit([door, move])
    expect((await own.log.head()).position).toBe(2)
  })

  test('another tenant’s ids are ids that never existed', async () => {
    const { other, room, message } = await twoTenants()
    expect(await other.conversations.byIds([room])).toEqual([undefined])
    expect(await other.conversations.byIdsOfUser('alice', [room])).toEqual([undefined])
    expect((await other.conversations.ofUser('alice', ALL)).items).toEqual([])
    expect((await other.conversations.public('alice', ALL)).items).toEqual([])
    expect(await other.messages.byIds([message.id])).toEqual([undefined])
    expect(await other.messages.byIdsOfMember('alice', [message.id])).toEqual([undefined])
    expect((await other.messages.ofConversation(room, 100, ALL)).items).toEqual([])
    expect((await other.members.ofConversation(room, ALL)).items).toEqual([])
    expect(await other.members.byKeys([{ conversationId: room, userId: 'alice' }])).toEqual([undefined])
    expect(await other.messages.byKey('alice', message.clientMessageId)).toBeUndefined()
    expect(await other.log.submit(toSend(draft(room, 'alice')))).toBeUndefined()
    expect(await join(other, room, 'alice', 'bob')).toBeUndefined()
    expect((await other.log.head()).position).toBe(0)
  })

  test('a cursor of another tenant is no place of this one’s log', async () => {
    const { own, other } = await twoTenants()
    await conversationOf(other, ['alice'])
    await conversationOf(other, ['alice'])
    const page = await other.log.inboxPage('alice', await own.log.head(), 10)
    expect(page.valid).toBe(false)
  })
}
