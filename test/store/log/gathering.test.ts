import { expect, test } from 'vitest'
import { createCommitter } from '../../../src/store/log/committer.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { queueOf, settled, slowDatabase } from './slow-database.ts'

/** Two groups, of which one is answered while the other waits. */
async function twoGroups(clock: ManualClock) {
  const { database, underWay } = slowDatabase(1)
  const committer = createCommitter(database, { clock })
  const comes = async (tenantId: string) => {
    committer.lineUp(queueOf(tenantId, { commands: 2 }).queue)
    await settled()
  }
  await comes('a')
  await comes('b')
  underWay[0]?.answer()
  await settled()
  return { committer, comes, sent: () => underWay.map(({ tenants }) => tenants.join()), underWay }
}

test('the few who wait go together with those who were just answered, if they come again', async () => {
  const { committer, comes, sent } = await twoGroups(createManualClock())
  expect(sent()).toEqual(['a'])
  expect(committer.busy).toBe(false)
  await comes('a')
  expect(sent()).toEqual(['a', 'a,b'])
  expect(committer.busy).toBe(true)
})

test('they wait for two milliseconds at most, and not again for a while when nobody came', async () => {
  const clock = createManualClock()
  const { comes, sent, underWay } = await twoGroups(clock)
  clock.advance(1)
  await settled()
  expect(sent()).toEqual(['a'])
  clock.advance(1)
  await settled()
  expect(sent()).toEqual(['a', 'b'])
  await comes('c')
  underWay[1]?.answer()
  await settled()
  expect(sent()).toEqual(['a', 'b', 'c'])
})

test('who comes again in the turn of the answer is not waited for', async () => {
  const { database, underWay } = slowDatabase(1)
  const committer = createCommitter(database, { clock: createManualClock() })
  const again = { ...queueOf('a', { commands: 2 }).queue }
  const comesAgain = () => committer.lineUp(again)
  committer.lineUp(queueOf('a', { commands: 2, accept: comesAgain }).queue)
  await settled()
  committer.lineUp(queueOf('b', { commands: 2 }).queue)
  await settled()
  underWay[0]?.answer()
  await settled()
  expect(underWay.map(({ tenants }) => tenants.join())).toEqual(['a', 'a,b'])
})

test('after a large answer nobody waits', async () => {
  const { database, underWay } = slowDatabase(1)
  const committer = createCommitter(database, { clock: createManualClock() })
  committer.lineUp(queueOf('a', { commands: 32 }).queue)
  await settled()
  committer.lineUp(queueOf('b').queue)
  await settled()
  underWay[0]?.answer()
  await settled()
  expect(underWay.map(({ tenants }) => tenants.join())).toEqual(['a', 'b'])
})
