import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { inTime } from '../../../src/bus/redis/in-time.ts'
import { createManualClock } from '../../support/manual-clock.ts'

it('gives what is answered, and leaves no timer', async () => {
  const clock = createManualClock()
  expect(await inTime(clock, Promise.resolve(7))).toBe(7)
  await expect(inTime(clock, Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  await setImmediate()
  expect(clock.pending).toBe(0)
})

it('despairs after half a second', async () => {
  const clock = createManualClock()
  const answer = inTime(clock, new Promise(() => {})).catch((error: Error) => error.message)
  clock.advance(499)
  expect(await Promise.race([answer, setImmediate('waiting')])).toBe('waiting')
  clock.advance(1)
  expect(await answer).toBe('Redis has not answered within 500 ms')
})

it('takes an answer that had arrived while the process stood still', async () => {
  const clock = createManualClock()
  const { promise, resolve } = Promise.withResolvers<string>()
  const answer = inTime(clock, promise)
  clock.advance(30_000)
  resolve('late, but there')
  expect(await answer).toBe('late, but there')
})
