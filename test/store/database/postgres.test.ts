import { afterAll, afterEach, beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { type Database, StatementError, UnavailableError } from '../../../src/store/database/database.ts'
import type { Migration } from '../../../src/store/database/migrate.ts'
import { createPostgres, type PostgresOptions } from '../../../src/store/database/postgres.ts'
import { is, sql } from '../../contracts/database.ts'
import { moduleUrl, startChild } from '../../support/child.ts'
import { administer, postgresDatabase, silent, type TestDatabase } from '../../support/database.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { proxyBefore } from '../../support/tcp-proxy.ts'

const counter: Migration = {
  id: 1,
  name: 'counter',
  sql: `CREATE TABLE counter (value bigint NOT NULL); INSERT INTO counter VALUES (0)`,
}
const add = sql('UPDATE counter SET value = value + 1 RETURNING value')

let test: TestDatabase
const opened: Database[] = []
beforeAll(async () => {
  test = await postgresDatabase()
  await open().migrate()
})
afterAll(() => test.close())

function open(options: Partial<PostgresOptions> = {}) {
  const database = createPostgres({ url: test.url, logger: silent, migrations: [counter], ...options })
  opened.push(database)
  return database
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map(database => database.close()))
})

async function throughProxy() {
  const { proxy, url } = await proxyBefore(test.url)
  onTestFinished(proxy.close)
  return { proxy, url }
}

it('sends a whole transaction in one write, the first time and once its statements are prepared', async () => {
  const { proxy, url } = await throughProxy()
  const database = open({ url, writerConnections: 1, poolSize: 1 })
  await Promise.all([database.commit([]), database.read([])])
  for (const run of [database.commit, database.read, database.commit, database.read]) {
    proxy.takeCount()
    await run([sql('SELECT 1 AS one'), sql('SELECT $1::text AS two', 'x'.repeat(10_000)), sql('SELECT 3 AS three')])
    expect(proxy.takeCount()).toBe(1)
  }
})

it('sets up every session', async () => {
  const shown = ['lock_timeout', 'idle_in_transaction_session_timeout', 'statement_timeout', 'tcp_keepalives_idle']
  const settings = sql(
    `SELECT ${[...shown, 'TimeZone', 'transaction_isolation'].map(name => `current_setting('${name}') AS ${name}`)},
      current_user`,
  )
  const session = {
    lock_timeout: '2s',
    idle_in_transaction_session_timeout: '2s',
    statement_timeout: '5s',
    tcp_keepalives_idle: '10',
    timezone: 'UTC',
    current_user: 'colloquy_app',
  }
  const database = open()
  expect(await database.commit([settings])).toEqual([[{ ...session, transaction_isolation: 'read committed' }]])
  expect(await database.read([settings])).toEqual([[{ ...session, transaction_isolation: 'repeatable read' }]])
})

it('has transactions of its own kinds, whatever the default of the database is', async () => {
  const other = new URL(test.url)
  other.searchParams.set('options', '-c default_transaction_isolation=serializable')
  const database = open({ url: other.href, writerConnections: 1, poolSize: 1 })
  const shown = sql(`SELECT current_setting('transaction_isolation') AS isolation`)
  for (const _ of ['new', 'known']) {
    expect(await database.commit([shown])).toEqual([[{ isolation: 'read committed' }]])
    expect(await database.read([shown])).toEqual([[{ isolation: 'repeatable read' }]])
  }
})

it('is unavailable while nobody listens, and says so within the time for connecting', async () => {
  const { proxy, url } = await throughProxy()
  await proxy.close()
  const database = open({ url })
  for (const call of [database.commit([add]), database.read([add]), database.ping(), database.migrate()]) {
    await expect(call).rejects.toSatisfy(is(UnavailableError))
  }
})

it.each([
  ['new to its session', []],
  ['that its session knows', [sql('SELECT pg_sleep($1)', 0)]],
])(
  'is unavailable to the caller whose backend is killed at a statement %s, and serves the next one',
  async (_, before) => {
    const database = open({ writerConnections: 1, poolSize: 1 })
    for (const run of [database.commit, database.read]) {
      const [[session] = []] = await run([sql('SELECT pg_backend_pid() AS pid'), ...before])
      const sleeping = run([sql('SELECT pg_sleep($1)', 4)])
      const killed = expect(sleeping).rejects.toSatisfy(is(UnavailableError))
      await untilTrue(
        `SELECT count(*) = 1 AS done FROM pg_stat_activity WHERE pid = ${session?.['pid']} AND query ~ 'sleep' AND state = 'active'`,
      )
      await administer(`SELECT pg_terminate_backend(${session?.['pid']})`)
      await killed
      expect(await run([sql('SELECT 1 AS one')])).toEqual([[{ one: 1 }]])
    }
  },
)

it('survives the killing of idle backends', async () => {
  const warn = vi.fn()
  const database = open({ writerConnections: 1, logger: { ...silent, warn } })
  const [[session] = []] = await database.commit([sql('SELECT pg_backend_pid() AS pid')])
  await administer(`SELECT pg_terminate_backend(${session?.['pid']})`)
  await vi.waitFor(() => expect(warn).toHaveBeenCalled())
  await database.commit([add])
})

it('breaks off a transaction that is never answered, and closes nevertheless', async () => {
  const { proxy, url } = await throughProxy()
  const clock = createManualClock()
  const database = open({ url, clock, writerConnections: 1 })
  await database.commit([add])
  proxy.mute()
  const unanswered = expect(database.commit([add])).rejects.toSatisfy(is(UnavailableError))
  // The deadline runs from when the connection was had.
  await vi.waitFor(() => expect(clock.pending).toBe(1))
  clock.advance(8_000)
  await unanswered
})

it('closes although the server says nothing any more', async () => {
  const { proxy, url } = await throughProxy()
  const clock = createManualClock()
  const database = open({ url, clock })
  await database.commit([add])
  proxy.mute()
  const unanswered = expect(database.commit([add])).rejects.toSatisfy(is(UnavailableError))
  await vi.waitFor(() => expect(clock.pending).toBe(1))
  const closed = database.close()
  clock.advance(2_000)
  await Promise.all([unanswered, closed])
})

it('gives up on a lock that another session holds, and takes it as unavailable', async () => {
  const database = open()
  const holder = administer('BEGIN; UPDATE counter SET value = value; SELECT pg_sleep(3); ROLLBACK', test.url)
  await untilTrue(
    `SELECT count(*) = 1 AS done FROM pg_stat_activity WHERE query ~ 'pg_sleep.3' AND wait_event = 'PgSleep'`,
  )
  await expect(database.commit([add])).rejects.toSatisfy(is(UnavailableError))
  await holder
  await database.commit([add])
})

it('is only unavailable to writers on a read-only standby', async () => {
  const readOnly = new URL(test.url)
  readOnly.searchParams.set('options', '-c default_transaction_read_only=on')
  const database = open({ url: readOnly.href })
  await expect(database.commit([add])).rejects.toSatisfy(is(UnavailableError))
  await expect(database.read([add])).rejects.toSatisfy(is(StatementError, '25006'))
})

it('prepares a statement anew once the table under it has changed', async () => {
  const database = open({ poolSize: 1 })
  await administer('CREATE TABLE changing (a int)', test.url)
  const all = sql('SELECT * FROM changing')
  expect(await database.read([all])).toEqual([[]])
  await administer('ALTER TABLE changing ADD COLUMN b int', test.url)
  await expect(database.read([all])).rejects.toSatisfy(is(StatementError, '0A000'))
  expect(await database.read([all])).toEqual([[]])
})

it.each([
  [
    'asks something known',
    'ClientRead',
    4_500,
    `{ name: 'long', text: 'SELECT length($1)', values: ['x'.repeat(40_000_000)] }`,
  ],
  [
    'asks something new',
    'ClientRead',
    8_500,
    `{ name: 'long' + n++, text: 'SELECT length($1)', values: ['x'.repeat(40_000_000)] }`,
  ],
  ['is answered', 'ClientWrite', 4_500, `{ name: 'long', text: "SELECT repeat('x', 40000000)", values: [] }`],
])('never lets a writer that is frozen while it %s keep the lock for long', async (_, waitsFor, timeout, long) => {
  const child = startChild(`
    import { createPostgres } from '${moduleUrl('store/database/postgres.ts')}'
    const silent = { debug() {}, info() {}, warn() {}, error() {} }
    const database = createPostgres({ url: '${test.url}', logger: silent, writerConnections: 1 })
    let n = 0
    const add = { name: 'add', text: 'UPDATE counter SET value = value + 1', values: [] }
    await database.commit([add, ${long}])
    console.log('writing')
    for (;;) await database.commit([add, ${long}]).catch(() => undefined)
  `)
  onTestFinished(() => child.kill())
  expect(await child.line()).toBe('writing')
  const held = `SELECT count(*) AS held FROM pg_stat_activity JOIN pg_locks USING (pid)
    WHERE locktype = 'transactionid' AND granted AND wait_event = '${waitsFor}'`
  await vi.waitFor(
    async () => {
      child.process.kill('SIGSTOP')
      const [before] = await administer(held)
      const [after] = await administer(held)
      if (before?.['held'] === '1' && after?.['held'] === '1') return
      child.process.kill('SIGCONT')
      throw new Error('the writer was not caught in the middle')
    },
    { timeout: 20_000, interval: 37 },
  )
  const database = open()
  await vi.waitFor(() => database.commit([add]), { timeout })
})

async function untilTrue(query: string): Promise<void> {
  await vi.waitFor(async () => expect(await administer(query)).toEqual([{ done: true }]), { timeout: 5_000 })
}
