import { expect, onTestFinished, test, vi } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import { createStore } from '../../../src/store/create-store.ts'
import { type Statement, StatementError } from '../../../src/store/database/database.ts'
import { createPostgres } from '../../../src/store/database/postgres.ts'
import { createCommitter } from '../../../src/store/log/committer.ts'
import { lockedHeadStatement } from '../../../src/store/log/head.ts'
import type { TenantQueue } from '../../../src/store/log/line.ts'
import { asTenant } from '../../../src/store/session.ts'
import { administer, postgresDatabase, silent } from '../../support/database.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { conversationOf, enrol, say } from '../../support/tenant-fixture.ts'
import { queueOf, settled, slowDatabase, turn } from './slow-database.ts'

const LIMITS = { batchCommands: 10, batchBytes: 100, tenants: 4 }

/** Which tenants share each transaction, when all of them come at once. */
async function transactions(queues: readonly TenantQueue[], { writers = 1, limits = LIMITS } = {}) {
  const { database, underWay } = slowDatabase(writers)
  const committer = createCommitter(database, { limits })
  for (const queue of queues) committer.lineUp(queue)
  const waits = new Set(queues)
  for (let n = 0; waits.size > 0; n++) {
    const { tenants, answer } = await vi.waitUntil(() => underWay[n])
    answer()
    for (const queue of waits) if (tenants.includes(queue.tenantId)) waits.delete(queue)
  }
  return underWay.map(({ tenants }) => tenants)
}

test('a transaction carries so many tenants at most, those who waited longest, in the order of their names', async () => {
  const queues = ['f', 'e', 'd', 'c', 'b', 'a'].map(tenantId => queueOf(tenantId))
  expect(await transactions(queues.map(({ queue }) => queue))).toEqual([
    ['c', 'd', 'e', 'f'],
    ['a', 'b'],
  ])
  for (const { done } of queues) await vi.waitFor(() => expect(done).toHaveBeenCalledOnce())
})

test('a transaction is bounded in commands as a whole', async () => {
  const queues = ['a', 'b', 'c'].map(tenantId => queueOf(tenantId, { commands: 6 }))
  expect(await transactions(queues.map(({ queue }) => queue))).toEqual([['a', 'b'], ['c']])
  expect(queues.map(({ taken }) => taken[0]?.batchCommands)).toEqual([10, 4, 10])
})

test('a transaction is bounded in bytes as a whole', async () => {
  const queues = ['a', 'b', 'c'].map(tenantId => queueOf(tenantId, { bytes: 60 }))
  expect(await transactions(queues.map(({ queue }) => queue))).toEqual([['a', 'b'], ['c']])
  expect(queues.map(({ taken }) => taken[0]?.batchBytes)).toEqual([100, 40, 100])
})

test('what comes over some turns goes together', async () => {
  const { database, underWay } = slowDatabase(1)
  const committer = createCommitter(database, { limits: LIMITS })
  for (const tenantId of ['a', 'b', 'c']) {
    committer.lineUp(queueOf(tenantId).queue)
    await turn()
  }
  const first = await vi.waitUntil(() => underWay[0])
  expect(first.tenants).toEqual(['a', 'b', 'c'])
})

test('nobody waits for what does not come', async () => {
  const { database, underWay } = slowDatabase(1)
  const committer = createCommitter(database, { limits: LIMITS })
  committer.lineUp(queueOf('a').queue)
  await turn()
  await turn()
  await turn()
  expect(underWay).toHaveLength(1)
})

test('nobody waits for ever for what goes on coming', async () => {
  const { database, underWay } = slowDatabase(1)
  const committer = createCommitter(database, { limits: { ...LIMITS, batchCommands: 99, tenants: 99 } })
  let turns = 0
  for (; underWay.length === 0; turns++) {
    committer.lineUp(queueOf(`tenant-${turns}`).queue)
    await turn()
  }
  expect(turns).toBeLessThan(10)
})

test('many that have come do not wait for more', async () => {
  const { database, underWay } = slowDatabase(1)
  const committer = createCommitter(database, { limits: LIMITS })
  committer.lineUp(queueOf('a', { commands: 40 }).queue)
  await turn()
  await turn()
  expect(underWay).toHaveLength(1)
})

/** A queue that never runs dry in so many batches, and notes what each is told. */
function fullQueue(batches: number, lineUp: (queue: TenantQueue) => void, told: (what: string) => void) {
  let taken = 0
  const queue: TenantQueue = {
    tenantId: 'a',
    length: 40,
    takeBehind: () => undefined,
    take() {
      const batch = ++taken
      const statements = () => [{ name: 'of a', text: '', values: [] }]
      const what = { tenantId: 'a', commands: 1, bytes: 1, actors: () => new Set<string>(), together: undefined }
      const own = { ...what, statements, halves: () => [] }
      return { ...own, accept: () => told(`${batch} committed`), fail: () => told(`${batch} refused`) }
    },
    done() {
      if (taken < batches) lineUp(queue)
    },
    refuse() {},
  }
  return queue
}

test('what waits leaves before anyone is told of what was committed', async () => {
  const { database, underWay } = slowDatabase(1)
  const committer = createCommitter(database, { limits: LIMITS })
  const sentWhenTold: number[] = []
  committer.lineUp(fullQueue(3, committer.lineUp, () => sentWhenTold.push(underWay.length)))
  for (let n = 0; n < 3; n++) (await vi.waitUntil(() => underWay[n])).answer()
  await vi.waitFor(() => expect(sentWhenTold).toEqual([2, 3, 3]))
})

test.each([
  ['is committed', Number.POSITIVE_INFINITY],
  ['is refused', 3],
])(
  'who was committed first is told first, however fast the database answers, and when a later one %s',
  async (_, refused) => {
    let sent = 0
    const commit = async (statements: readonly Statement[]) => {
      if (++sent === refused) throw new StatementError('22000', 'no')
      return statements.map(() => [])
    }
    const committer = createCommitter({ writers: 1, commit }, { limits: LIMITS })
    const told: string[] = []
    committer.lineUp(fullQueue(5, committer.lineUp, what => told.push(what)))
    await vi.waitFor(() => expect(told).toHaveLength(5))
    expect(told).toEqual([1, 2, 3, 4, 5].map(batch => `${batch} ${batch === refused ? 'refused' : 'committed'}`))
  },
)

test('two transactions may be under way whatever they carry, and a third one with much', async () => {
  const { database, underWay } = slowDatabase(8)
  const committer = createCommitter(database, { clock: createManualClock() })
  const comes = async (tenantId: string, commands: number) => {
    committer.lineUp(queueOf(tenantId, { commands }).queue)
    await settled()
  }
  await comes('a', 1)
  await comes('b', 1)
  await comes('tenant-0', 1)
  // 127 wait, but those of neither lane are enough.
  await comes('tenant-1', 63)
  await comes('tenant-2', 62)
  expect(underWay.map(({ tenants }) => tenants)).toEqual([['a'], ['b']])
  await comes('tenant-3', 1)
  expect(underWay.map(({ tenants }) => tenants)).toEqual([['a'], ['b'], ['tenant-1', 'tenant-3']])
})

test('who waits already and has more to say than before is noticed', async () => {
  const { database, underWay } = slowDatabase(8)
  const committer = createCommitter(database, { clock: createManualClock() })
  const growing = { ...queueOf('c').queue, length: 1 }
  for (const queue of [queueOf('a').queue, queueOf('b').queue, growing]) {
    committer.lineUp(queue)
    await settled()
  }
  expect(underWay).toHaveLength(2)
  growing.length = 64
  committer.look(growing)
  await settled()
  expect(underWay.map(({ tenants }) => tenants)).toEqual([['a'], ['b'], ['c']])
})

test('a transaction that is held up makes room for another, until it is answered', async () => {
  const { database, underWay } = slowDatabase(3)
  const clock = createManualClock()
  const committer = createCommitter(database, { clock })
  const comes = async (tenantId: string) => {
    committer.lineUp(queueOf(tenantId).queue)
    await settled()
    return underWay.map(({ tenants }) => tenants.join())
  }
  await comes('a')
  clock.advance(49)
  await comes('b')
  expect(await comes('c')).toEqual(['a', 'b'])
  clock.advance(1)
  await settled()
  expect(await comes('d')).toEqual(['a', 'b', 'c'])
  underWay[0]?.answer()
  await settled()
  clock.advance(2)
  await settled()
  expect(underWay).toHaveLength(3)
  underWay[1]?.answer()
  await settled()
  expect(underWay.map(({ tenants }) => tenants.join())).toEqual(['a', 'b', 'c', 'd'])
  underWay[2]?.answer()
  underWay[3]?.answer()
  await settled()
  expect(clock.pending).toBe(0)
})

test.each([
  ['few commands wait: two', 1, 2],
  ['many commands wait: as many as the database takes transactions', 16, 4],
])('on every node the same tenants share, in whatever order they come, when %s', async (_, commands, lanes) => {
  const queues = Array.from({ length: 32 }, (_, n) => queueOf(`tenant-${n}`, { commands }).queue)
  const how = { writers: 4, limits: { batchCommands: 999, batchBytes: 999, tenants: 99 } }
  const shared = await transactions(queues, how)
  expect(shared).toHaveLength(lanes)
  expect((await transactions(queues.toReversed(), how)).toSorted()).toEqual(shared.toSorted())
})

test('a tenant whose lock another node holds does not hold up those who share a transaction with it', async () => {
  const { url, close } = await postgresDatabase()
  onTestFinished(close)
  const [own, other] = [createPostgres({ url, logger: silent }), createPostgres({ url, logger: silent })]
  onTestFinished(() => Promise.all([own.close(), other.close()]).then(() => undefined))
  await own.migrate()
  const store = createStore({ ...own, writers: 1 })
  const places = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const tenant = store.tenant(newId())
      await enrol(tenant, 'alice')
      return { tenant, room: await conversationOf(tenant, ['alice']) }
    }),
  )
  const [held] = places.toSorted((a, b) => (a.tenant.id < b.tenant.id ? -1 : 1))
  const heldId = held?.tenant.id ?? ''
  let isHeld = true
  const sleep = { name: 'sleep', text: 'SELECT pg_sleep(1.5)', values: [] }
  const holder = other.commit([asTenant(heldId), lockedHeadStatement(heldId), sleep]).then(() => {
    isHeld = false
  })
  await vi.waitFor(async () => {
    const sleeping = `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query ~ '1\\.5'`
    expect(await administer(sleeping, url)).toHaveLength(1)
  })
  const sent = await Promise.all(
    places.map(async ({ tenant, room }) => {
      const { seq } = await say(tenant, room, 'alice')
      return { seq, whileHeld: isHeld, id: tenant.id }
    }),
  )
  for (const { seq, whileHeld, id } of sent) expect({ seq, whileHeld }).toEqual({ seq: 2, whileHeld: id !== heldId })
  await holder
})
