import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../../src/domain/clock.ts'
import { type Database, UnavailableError } from '../../../src/store/database/database.ts'
import { DataDirectoryInUseError } from '../../../src/store/database/directory-lock.ts'
import type { Migration } from '../../../src/store/database/migrate.ts'
import { createPglite, type PgliteOptions } from '../../../src/store/database/pglite.ts'
import { is, sql } from '../../contracts/database.ts'
import { moduleUrl, startChild } from '../../support/child.ts'
import { pgliteDirectory, silent, type TestDirectory } from '../../support/database.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'

const note: Migration = { id: 1, name: 'note', sql: 'CREATE TABLE note (id int PRIMARY KEY, words text NOT NULL)' }
const insert = (id: number) => sql('INSERT INTO note VALUES ($1, $2)', id, 'words '.repeat(100))
const endless = sql(
  'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r WHERE n < 0',
)

let directory: TestDirectory
const opened: Database[] = []
beforeEach(async () => {
  directory = await pgliteDirectory()
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map(database => database.close()))
  await directory.close()
})

async function open(options: Partial<PgliteOptions> = {}): Promise<Database> {
  const settings = { dataDir: directory.path, logger: silent, clock: systemClock, migrations: [note] }
  const database = await createPglite({ ...settings, ...options })
  opened.push(database)
  return database
}

it('refuses a directory that is in use, and opens it once it is closed', async () => {
  const first = await open()
  await expect(open()).rejects.toThrow(DataDirectoryInUseError)
  await first.close()
  await open()
})

it('finds what it committed when it opens again', async () => {
  const first = await open()
  await first.migrate()
  await first.commit([insert(1)])
  await first.close()
  const second = await open()
  expect(await second.read([sql('SELECT id FROM note')])).toEqual([[{ id: 1 }]])
})

it('loses no acknowledged commit and opens again when its process is killed while it writes', async () => {
  let written = 0
  for (let round = 0; round < 3; round++) {
    const child = startChild(`
      import { createPglite } from '${moduleUrl('store/database/pglite.ts')}'
      import { systemClock } from '${moduleUrl('domain/clock.ts')}'
      const logger = { debug() {}, info() {}, warn() {}, error() {} }
      const migrations = ${JSON.stringify([note])}
      const database = await createPglite({ dataDir: '${directory.path}', logger, clock: systemClock, migrations })
      await database.migrate()
      const text = 'INSERT INTO note SELECT coalesce(max(id), 0) + 1, $1 FROM note RETURNING id'
      for (;;) {
        const rows = await database.commit([{ name: 'insert', text, values: ['words '.repeat(100)] }])
        console.log(rows[0][0].id)
      }
    `)
    onTestFinished(() => child.kill())
    const until = written + 300
    while (written < until) written = Number(await child.line())
    await child.kill()
    const database = await open()
    const [[found] = []] = await database.read([sql('SELECT count(*) AS count, max(id) AS last FROM note')])
    expect(Number(found?.['count'])).toBeGreaterThanOrEqual(written)
    expect(Number(found?.['last'])).toBe(Number(found?.['count']))
    written = Number(found?.['last'])
    await database.close()
  }
})

it('makes its first cluster anew when the making was broken off', async () => {
  const dataDir = join(directory.path, 'fresh')
  mkdirSync(join(dataDir, 'postgres.new'), { recursive: true })
  writeFileSync(join(dataDir, 'postgres.new', 'PG_VERSION'), '18')
  const database = await open({ dataDir })
  await database.migrate()
  await database.commit([insert(1)])
  expect(readdirSync(dataDir).sort()).toEqual(['lock', 'postgres'])
})

it('is unavailable, and lets go of its directory, when the cluster is no cluster', async () => {
  const dataDir = join(directory.path, 'broken')
  mkdirSync(join(dataDir, 'postgres'), { recursive: true })
  writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), 'nonsense')
  await expect(open({ dataDir })).rejects.toSatisfy(is(UnavailableError))
  await expect(open({ dataDir })).rejects.toSatisfy(is(UnavailableError))
})

/** So long that a thread without an answer counts as stuck. */
async function standStill(clock: ManualClock): Promise<void> {
  clock.advance(30_000)
  await new Promise(resolve => setImmediate(resolve))
  clock.advance(15_000)
}

it('does not take a thread for stuck because its own process stood still', async () => {
  const clock = createManualClock()
  const database = await open({ clock })
  await database.migrate()
  const answers = [database.ping(), database.ping()]
  clock.advance(3_600_000)
  await Promise.all(answers)
  await database.ping()
})

it('refuses everything under way and everything later when its thread is stuck, and lets go of its directory', async () => {
  const clock = createManualClock()
  const database = await open({ clock })
  await database.migrate()
  const calls = [database.commit([endless]), database.read([endless]), database.ping()]
  const refused = Promise.all(calls.map(call => expect(call).rejects.toSatisfy(is(UnavailableError))))
  await standStill(clock)
  await refused
  await expect(database.commit([])).rejects.toSatisfy(is(UnavailableError))
  await expect(database.ping()).rejects.toSatisfy(is(UnavailableError))
  await database.close()
  const again = await open()
  await again.ping()
})

it('tells when its thread ends unasked, and not when it is closed', async () => {
  const clock = createManualClock()
  const lost = vi.fn()
  await (await open({ clock, onLost: lost })).close()
  expect(lost).not.toHaveBeenCalled()
  const database = await open({ clock, onLost: lost })
  await database.migrate()
  const refused = expect(database.read([endless])).rejects.toSatisfy(is(UnavailableError))
  await standStill(clock)
  await refused
  await expect.poll(() => lost.mock.calls.length).toBe(1)
})

it('vacuums its tables when it is quiet after many writes, and cuts off its log', async () => {
  const clock = createManualClock()
  const database = await open({ clock })
  await database.migrate()
  const state = sql(
    `SELECT reltuples::int AS tuples, (SELECT redo_lsn::text FROM pg_control_checkpoint()) AS redo FROM pg_class WHERE relname = 'note'`,
  )
  const [[before] = []] = await database.read([state])
  expect(before?.['tuples']).toBe(-1)
  for (let id = 0; id < 1_000; id += 50) {
    await database.commit(Array.from({ length: 50 }, (_, index) => insert(id + index)))
  }
  const afterwards = async () => {
    clock.advance(250)
    // A moment in which nobody asks for anything.
    await new Promise(setImmediate)
    const [[after] = []] = await database.read([state])
    expect(after?.['tuples']).toBe(1_000)
    expect(after?.['redo']).not.toBe(before?.['redo'])
  }
  await vi.waitFor(afterwards, { timeout: 15_000 })
})

it('runs what is asked for while a maintenance round is on', async () => {
  const clock = createManualClock()
  const database = await open({ clock })
  await database.migrate()
  await database.commit(Array.from({ length: 1_000 }, (_, id) => insert(id)))
  const reads = Array.from({ length: 200 }, () => {
    clock.advance(250)
    return database.read([sql('SELECT current_user AS who, count(*) AS count FROM note')])
  })
  for (const [rows] of await Promise.all(reads)) expect(rows).toEqual([{ who: 'colloquy_app', count: 1_000n }])
})
