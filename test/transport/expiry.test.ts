import { expect, test } from 'vitest'
import { createExpiry } from '../../src/transport/expiry.ts'
import { createManualClock } from '../support/manual-clock.ts'

const HUNDRED_YEARS = 100 * 365 * 86_400_000
/** Node fires a longer timer at once. */
const LONGEST_TIMER = 2 ** 31 - 1

function start(lifetime: number) {
  const clock = createManualClock()
  const delays: number[] = []
  const fired: number[] = []
  const begun = clock.now()
  const recording = {
    now: clock.now,
    after(delayMs: number, task: () => void) {
      delays.push(delayMs)
      return clock.after(delayMs, task)
    },
  }
  const expiry = createExpiry(recording, begun + lifetime, () => fired.push(clock.now() - begun))
  return { clock, delays, fired, expiry, begun }
}

test('a token good for a hundred years expires then, once, by timers that Node can hold', () => {
  const { clock, delays, fired } = start(HUNDRED_YEARS)
  clock.advance(HUNDRED_YEARS - 1)
  expect(fired).toEqual([])
  clock.advance(HUNDRED_YEARS)
  expect(fired).toEqual([HUNDRED_YEARS])
  expect(Math.max(...delays)).toBeLessThanOrEqual(LONGEST_TIMER)
})

test('a moved expiry holds instead of the first, earlier or later', () => {
  const { clock, fired, expiry, begun } = start(1_000)
  expiry.move(begun + 5_000)
  clock.advance(4_999)
  expect(fired).toEqual([])
  expiry.move(begun + 5_100)
  clock.advance(10_000)
  expect(fired).toEqual([5_100])
})

test('a closed expiry leaves no timer', () => {
  const { clock, fired, expiry } = start(1_000)
  expiry.close()
  expiry.move(clock.now() + 1)
  expect(clock.pending).toBe(0)
  clock.advance(10_000)
  expect(fired).toEqual([])
})
