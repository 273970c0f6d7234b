import { expect, test } from 'vitest'
import { createStallWatch } from '../../src/transport/stall-watch.ts'
import { createManualClock } from '../support/manual-clock.ts'

function watch() {
  const clock = createManualClock()
  let stalls = 0
  const stall = createStallWatch(clock, 30_000, () => {
    stalls++
  })
  return { clock, stall, stalls: () => stalls }
}

test('nothing taken for the whole time is a stall, once', () => {
  const { clock, stall, stalls } = watch()
  stall.begin()
  clock.advance(29_999)
  expect(stalls()).toBe(0)
  clock.advance(1)
  expect(stalls()).toBe(1)
  clock.advance(100_000)
  expect([stalls(), clock.pending]).toEqual([1, 0])
})

test('a client that takes a little now and then is slow, and not hopeless', () => {
  const { clock, stall, stalls } = watch()
  stall.begin()
  for (let time = 0; time < 20; time++) {
    clock.advance(29_000)
    stall.progress()
    stall.begin()
  }
  expect(stalls()).toBe(0)
  clock.advance(37_500)
  expect(stalls()).toBe(1)
})

test('a client for whom nothing waits is not watched', () => {
  const { clock, stall, stalls } = watch()
  stall.begin()
  stall.end()
  clock.advance(60_000)
  expect([stalls(), clock.pending]).toEqual([0, 0])
})
