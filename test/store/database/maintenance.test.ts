import { expect, it } from 'vitest'
import type { Row } from '../../../src/store/database/database.ts'
import { createMaintenance } from '../../../src/store/database/maintenance.ts'
import { silent } from '../../support/database.ts'
import { createManualClock } from '../../support/manual-clock.ts'

function start() {
  const clock = createManualClock()
  const ran: string[] = []
  const state = { idle: true }
  const run = async (statement: string): Promise<readonly Row[]> => {
    if (statement.includes('pg_class')) return [{ name: 'a' }, { name: 'b' }]
    ran.push(statement)
    return []
  }
  const maintenance = createMaintenance({ clock, logger: silent, isIdle: () => state.idle, run })
  /** Lets time pass in small steps, and what waits for nothing but its turn go on in between. */
  async function pass(ms: number): Promise<void> {
    for (let gone = 0; gone < ms; gone += 250) {
      clock.advance(250)
      await new Promise(setImmediate)
    }
  }
  return { clock, ran, state, maintenance, pass }
}

const ROUND = ['VACUUM (ANALYZE) a', 'VACUUM (ANALYZE) b', 'CHECKPOINT']

it('does nothing while nothing is written', async () => {
  const { clock, ran, pass } = start()
  await pass(120_000)
  expect([ran, clock.pending]).toEqual([[], 0])
})

it('vacuums every table in a quiet moment after many writes, once', async () => {
  const { clock, ran, maintenance, pass } = start()
  maintenance.wrote(1_000)
  await pass(1_000)
  expect([ran, clock.pending]).toEqual([ROUND, 0])
})

it('leaves few writes until a minute has passed', async () => {
  const { ran, maintenance, pass } = start()
  maintenance.wrote(1)
  await pass(59_000)
  expect(ran).toEqual([])
  await pass(2_000)
  expect(ran).toEqual(ROUND)
})

it('waits while the database has work, and goes on between two steps only when it is quiet again', async () => {
  const { ran, state, maintenance, pass } = start()
  state.idle = false
  maintenance.wrote(5_000)
  await pass(10_000)
  expect(ran).toEqual([])
  state.idle = true
  await pass(1_000)
  expect(ran).toEqual(ROUND)
})

it('no longer waits for a quiet moment once it is overdue', async () => {
  const { ran, state, maintenance, pass } = start()
  state.idle = false
  maintenance.wrote(50_000)
  await pass(1_000)
  expect(ran).toEqual(ROUND)
})

it('stops for good when it is closed', async () => {
  const { clock, ran, maintenance, pass } = start()
  maintenance.wrote(1_000)
  maintenance.close()
  maintenance.wrote(1_000)
  await pass(120_000)
  expect([ran, clock.pending]).toEqual([[], 0])
})
