import { Client } from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { type Pipeline, UnavailableError } from '../../../src/store/database/database.ts'
import { createPostgres, type PostgresOptions } from '../../../src/store/database/postgres.ts'
import { is, sql } from '../../contracts/database.ts'
import { administer, openPostgres, silent } from '../../support/database.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { proxyBefore } from '../../support/tcp-proxy.ts'

const backend = sql('SELECT pg_backend_pid() AS pid')
const unavailable = { status: 'rejected', reason: expect.any(UnavailableError) }

let url: string
let closeServer: () => Promise<void>
beforeAll(async () => {
  ;({ url, close: closeServer } = await openPostgres())
})
afterAll(() => closeServer())

/** With one connection for writing. */
function open(options: Partial<PostgresOptions> = {}) {
  const database = createPostgres({ url, logger: silent, writerConnections: 1, ...options })
  onTestFinished(() => database.close())
  return database
}

/** Transactions that take it wait until the returned function is called. */
async function heldLock(lock: number): Promise<() => Promise<unknown>> {
  const holder = new Client({ connectionString: url })
  await holder.connect()
  onTestFinished(() => holder.end())
  await holder.query('SELECT pg_advisory_lock($1)', [lock])
  return () => holder.query('SELECT pg_advisory_unlock($1)', [lock])
}
const take = (lock: number) => sql('SELECT pg_advisory_xact_lock($1)', lock)

test('a transaction is sent behind the one under way, to the same session', async () => {
  const database = open({ writerConnections: 2 })
  const pipeline = {}
  const answers = await Promise.all([
    database.commit([backend], pipeline),
    database.commit([backend], pipeline),
    database.commit([backend]),
  ])
  const [first, second, other] = answers.map(([rows]) => rows?.[0]?.['pid'])
  expect(second).toBe(first)
  expect(other).not.toBe(first)
})

test('a transaction is sent before the one ahead is answered; when no answer comes, both are unavailable', async () => {
  const through = await proxyBefore(url)
  const { proxy } = through
  onTestFinished(proxy.close)
  const clock = createManualClock()
  const database = open({ url: through.url, clock })
  await database.commit([backend])
  proxy.mute()
  proxy.takeCount()
  const pipeline = {}
  const sends = async () => {
    const answer = database.commit([backend], pipeline)
    answer.catch(() => undefined)
    await vi.waitFor(() => expect(proxy.takeCount()).toBe(1))
    return { answer }
  }
  const [first, second] = [await sends(), await sends()]
  clock.advance(8_000)
  expect(await Promise.allSettled([first.answer, second.answer])).toMatchObject([unavailable, unavailable])
})

test('the time for an answer runs from when the one ahead was answered', async () => {
  const [release, releaseSecond] = [await heldLock(1), await heldLock(2)]
  const clock = createManualClock()
  const database = open({ clock })
  await database.commit([take(0)])
  const pipeline = {}
  const first = database.commit([take(1)], pipeline)
  const second = database.commit([take(2)], pipeline)
  await vi.waitFor(() => expect(clock.pending).toBe(1))
  clock.advance(7_999)
  await release()
  await first
  await vi.waitFor(() => expect(clock.pending).toBe(1))
  clock.advance(7_999)
  await releaseSecond()
  await second
})

test('a refusal does not wait for what follows', async () => {
  const database = open()
  const release = await heldLock(3)
  const divide = (by: number) => sql('SELECT 1 / $1::int AS quotient', by)
  await database.commit([divide(1), take(0)])
  const pipeline = {}
  const refused = database.commit([divide(0)], pipeline)
  const behind = database.commit([take(3)], pipeline)
  await expect(refused).rejects.toMatchObject({ sqlState: '22012' })
  await release()
  await behind
})

test('what comes once the database is closed is refused, though its pipeline is at work', async () => {
  const database = open()
  const pipeline = {}
  const first = database.commit([backend], pipeline)
  const closed = database.close()
  await expect(database.commit([backend], pipeline)).rejects.toSatisfy(is(UnavailableError))
  await Promise.all([first, closed])
})

test('whoever waits for a connection comes before the next of a pipeline', async () => {
  const database = open()
  const pipeline = {}
  const answered: string[] = []
  const ask = (who: string, of?: Pipeline) => database.commit([backend], of).then(() => answered.push(who))
  await Promise.all([ask('first', pipeline), ask('second', pipeline), ask('somebody else'), ask('third', pipeline)])
  expect(answered).toEqual(['first', 'second', 'somebody else', 'third'])
})

test('a session that forgot a statement answers to what is on its way, and to nobody else', async () => {
  const database = open()
  await administer('CREATE TABLE changing (a int); GRANT SELECT ON changing TO PUBLIC', url)
  const all = sql('SELECT * FROM changing')
  const [[before] = []] = await database.commit([backend, all, take(0)])
  await administer('ALTER TABLE changing ADD COLUMN b int', url)
  const release = await heldLock(4)
  const pipeline = {}
  const refused = database.commit([all], pipeline)
  const behind = database.commit([backend, take(4)], pipeline)
  await expect(refused).rejects.toMatchObject({ sqlState: '0A000' })
  const later = Promise.all([database.commit([backend, all], pipeline), database.commit([backend, all])])
  await release()
  const [[session] = []] = await behind
  expect(session).toEqual(before)
  for (const [[other] = [], rows] of await later) {
    expect(other).not.toEqual(before)
    expect(rows).toEqual([])
  }
})

test('all on the way to a session that is killed are unavailable, and what comes later has another', async () => {
  const database = open()
  const [[session] = []] = await database.commit([backend])
  const pipeline = {}
  await heldLock(5)
  const told = Promise.allSettled([database.commit([take(5)], pipeline), database.commit([backend], pipeline)])
  const waiting = `SELECT FROM pg_stat_activity WHERE pid = ${session?.['pid']} AND wait_event_type = 'Lock'`
  await vi.waitFor(async () => expect(await administer(waiting)).toHaveLength(1), 5_000)
  await administer(`SELECT pg_terminate_backend(${session?.['pid']})`)
  expect(await told).toMatchObject([unavailable, unavailable])
  expect(await database.commit([sql('SELECT 1 AS one')], pipeline)).toEqual([[{ one: 1 }]])
})

test('where no connection can be had, all are unavailable', async () => {
  const nowhere = new URL(url)
  nowhere.port = '1'
  const database = open({ url: nowhere.href })
  const pipeline = {}
  const told = await Promise.allSettled([database.commit([backend], pipeline), database.commit([backend], pipeline)])
  expect(told).toMatchObject([unavailable, unavailable])
})
