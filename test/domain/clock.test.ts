import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/domain/clock.ts'

const TIMERS = 100_000
/** Below what Node would need for a list of each duration, which is 16 MB. */
const BYTES = 4e6

test('a cancelled timer leaves nothing behind, however long it would have run', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  const heapUsed = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = heapUsed()
  for (let n = 0; n < TIMERS; n++) systemClock.after(3_600_000 + n, () => undefined)()
  expect(heapUsed() - before).toBeLessThan(BYTES)
})

test('may be cancelled twice, in its own turn and after it', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = systemClock.after(1, () => {
    cancel()
    resolve()
  })
  await promise
  cancel()
  const timers = process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length
  const other = systemClock.after(1_000_000, () => undefined)
  other()
  other()
  expect(process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length).toBe(timers)
})
