import { expect, test, vi } from 'vitest'
import { type CommandKind, command } from '../../../src/store/command.ts'
import { editMessage } from '../../../src/store/commands/change-message.ts'
import { toSend } from '../../../src/store/commands/send-message.ts'
import { createStore } from '../../../src/store/create-store.ts'
import { type Database, StatementError, UnavailableError } from '../../../src/store/database/database.ts'
import * as column from '../../../src/store/row.ts'
import type { CommittedBatch } from '../../../src/store/store.ts'
import { createCrowds } from '../../support/crowd.ts'
import { draft, say } from '../../support/tenant-fixture.ts'

/** That tenants which share a transaction do not notice it. */
export function describeSharedTransactions(open: () => Promise<Database>): void {
  const { watched, places, crowd } = createCrowds(open)

  test('tenants that come while the database is busy share a transaction, and each has its own log', async () => {
    const { store, crowd: all, committed } = await crowd(12)
    const batches = new Map<string, CommittedBatch[]>()
    store.onCommit((id, batch) => batches.set(id, [...(batches.get(id) ?? []), batch]))
    const heads = await store.heads(all.map(({ tenant }) => tenant.id))
    const sent = await Promise.all(
      all.flatMap(({ tenant, room }) => ['one', 'two'].map(content => say(tenant, room, 'alice', content))),
    )
    expect(committed).toHaveLength(1)
    expect(sent.map(({ seq }) => seq)).toEqual(all.flatMap(() => [2, 3]))
    for (const { tenant } of all) {
      const { events, head } = await tenant.log.after(1, 10)
      expect(events.map(({ position }) => position)).toEqual([2, 3])
      const { position, mark } = heads.get(tenant.id) ?? head
      expect(batches.get(tenant.id)).toMatchObject([{ after: { position, mark }, events }])
      expect(events.at(-1)).toMatchObject(head)
    }
  })

  test('two tenants that come to an idle database have a transaction each, more of them share two', async () => {
    const { crowd: all, committed } = await crowd(12, 6)
    await Promise.all(all.slice(0, 2).map(({ tenant, room }) => say(tenant, room, 'alice')))
    expect(committed).toHaveLength(2)
    // One, where all twelve happen to be of one lane.
    await Promise.all(all.map(({ tenant, room }) => say(tenant, room, 'alice')))
    expect(committed.length).toBeGreaterThanOrEqual(3)
    expect(committed.length).toBeLessThanOrEqual(4)
  })

  test('nobody’s commands overtake each other in a shared transaction', async () => {
    const { crowd: all } = await crowd(4)
    const own = await Promise.all(
      all.map(async ({ tenant, room }) => {
        const first = await say(tenant, room, 'alice', 'first')
        const edit = { messageId: first.id, actorId: 'alice', content: 'edited', version: 1 }
        const two = say(tenant, room, 'alice', 'two')
        const edited = tenant.log.submit(command(editMessage, edit))
        const four = say(tenant, room, 'alice', 'four')
        return [first.seq, (await two).seq, (await edited)?.seq, (await four).seq]
      }),
    )
    expect(own).toEqual(all.map(() => [2, 3, 4, 5]))
  })

  test('a command that the database refuses fails alone, and nobody of another tenant with it', async () => {
    const { crowd: all, committed } = await crowd(5)
    const answers = await Promise.allSettled(
      all.flatMap(({ tenant, room }, n) => [
        say(tenant, room, 'alice', 'good'),
        tenant.log.submit(toSend(draft(room, 'bob', { content: n === 2 ? 'nul: \0' : 'good too' }))),
      ]),
    )
    expect(answers.flatMap((answer, n) => (answer.status === 'rejected' ? [n, answer.reason] : []))).toEqual([
      5,
      expect.any(StatementError),
    ])
    expect(await Promise.allSettled(committed)).toMatchObject([{ status: 'rejected' }, ...Array(7).fill({})])
    for (const [n, { tenant }] of all.entries()) expect((await tenant.log.head()).position).toBe(n === 2 ? 2 : 3)
  })

  test('a command that cannot be said as a statement fails alone', async () => {
    const { crowd: all } = await crowd(3)
    const answers = await Promise.allSettled(
      all.map(({ tenant }, n) => tenant.log.submit(command(n === 1 ? unspeakable : seen, null))),
    )
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  test('a statement without a tenant in it sees the rows of its own tenant alone, whoever shares the transaction', async () => {
    const { crowd: all, committed } = await crowd(4)
    const saw = await Promise.all(all.map(({ tenant }) => tenant.log.submit(command(seen, null))))
    expect(saw).toEqual(all.map(({ tenant }) => [tenant.id]))
    expect(committed).toHaveLength(1)
  })

  test('a statement cannot write a row of another tenant, whoever shares the transaction', async () => {
    const { crowd: all } = await crowd(3)
    const [first, , last] = all
    const answers = await Promise.allSettled(
      all.map(({ tenant }) =>
        tenant.log.submit(command(forged, tenant === first?.tenant ? last?.tenant.id : tenant.id)),
      ),
    )
    expect(answers).toMatchObject([{ reason: { sqlState: '42501' } }, { status: 'fulfilled' }, { status: 'fulfilled' }])
  })

  test('when the answer is lost, all who shared the transaction are told unavailable, and in doubt', async () => {
    const { database } = await watched(1)
    let loses = false
    const store = createStore({
      ...database,
      async commit(statements, pipeline) {
        const rows = await database.commit(statements, pipeline)
        if (loses) throw new UnavailableError('the answer was lost')
        return rows
      },
    })
    const all = await places(store, 3)
    const doubted: string[] = []
    store.onDoubt(id => doubted.push(id))
    loses = true
    const told = await Promise.allSettled(all.map(({ tenant, room }) => say(tenant, room, 'alice')))
    for (const each of told) expect(each).toMatchObject({ reason: expect.any(UnavailableError) })
    expect(doubted.toSorted()).toEqual(all.map(({ tenant }) => tenant.id).toSorted())
    loses = false
    const after = await Promise.all(all.map(({ tenant, room }) => say(tenant, room, 'alice')))
    expect(after.map(({ seq }) => seq)).toEqual([3, 3, 3])
  })

  test('who waits while the database answers nobody is refused with those whom it does not answer', async () => {
    const { database } = await watched(1)
    const silence = Promise.withResolvers<never>()
    let silent = false
    let commits = 0
    const store = createStore({
      ...database,
      async commit(statements, pipeline) {
        commits++
        return silent ? silence.promise : database.commit(statements, pipeline)
      },
    })
    const [first, ...others] = await places(store, 3)
    if (first === undefined) throw new TypeError('there is no first place')
    silent = true
    commits = 0
    const asked = say(first.tenant, first.room, 'alice')
    await vi.waitFor(() => expect(commits).toBe(1))
    const behind = others.map(({ tenant, room }) => say(tenant, room, 'alice'))
    const told = Promise.allSettled([asked, ...behind])
    silence.reject(new UnavailableError('no answer', { silent: true }))
    for (const each of await told) expect(each).toMatchObject({ reason: { silent: true } })
    expect(commits).toBe(1)
    silent = false
    const again = await Promise.all([first, ...others].map(({ tenant, room }) => say(tenant, room, 'alice')))
    expect(again.map(({ seq }) => seq)).toEqual([2, 2, 2])
  })

  test('two nodes whose transactions have tenants in common get into no deadlock', async () => {
    const nodes = [await watched(1), await watched(1)]
    const stores = nodes.map(({ database }) => createStore(database))
    const [one] = stores
    if (one === undefined) throw new TypeError('there is no node')
    const all = await places(one, 8)
    const rounds = 15
    await Promise.all(
      stores.map(async (store, node) => {
        for (let round = 0; round < rounds; round++) {
          // Each in an order of its own.
          const order = all.toSorted(() => ((node + round) % 2 === 0 ? 1 : -1))
          await Promise.all(order.map(({ tenant, room }) => say(store.tenant(tenant.id), room, 'alice')))
        }
      }),
    )
    for (const { committed } of nodes) {
      const answers = await Promise.allSettled(committed)
      expect(answers.filter(({ status }) => status === 'rejected')).toEqual([])
    }
    for (const { tenant } of all) {
      const { events } = await tenant.log.after(0, 100)
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 1 + 2 * rounds }, (_, n) => n + 1))
    }
  })
}

/** Forgets to say whose rows it wants. */
const seen: CommandKind<readonly string[], null> = {
  name: 'seen',
  setBased: false,
  actor: () => 'alice',
  bytes: () => 1,
  statement: () => ({ name: 'seen', text: 'SELECT DISTINCT tenant_id FROM event', values: [] }),
  read: rows => ({ result: rows.map(row => column.text(row, 'tenant_id')), events: [], receipts: [] }),
}

const forged: CommandKind<true, string | undefined> = {
  name: 'forged',
  setBased: false,
  actor: () => 'alice',
  bytes: () => 1,
  statement: (_, [tenantId]) => ({
    name: 'forged',
    text: `INSERT INTO "user" (tenant_id, user_id) VALUES ($1, 'mallory')`,
    values: [tenantId],
  }),
  read: () => ({ result: true, events: [], receipts: [] }),
}

const unspeakable: CommandKind<readonly string[], null> = {
  ...seen,
  name: 'unspeakable',
  statement() {
    throw new TypeError('a value that cannot be said')
  },
}
