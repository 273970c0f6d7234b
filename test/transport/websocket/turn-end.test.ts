import { beforeEach, expect, test } from 'vitest'
import { createTurnEnd, type TurnEnd } from '../../../src/transport/websocket/turn-end.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'

let clock: ManualClock
let committing: boolean
let turnEnd: TurnEnd
let done: number

beforeEach(() => {
  clock = createManualClock()
  committing = false
  turnEnd = createTurnEnd({ clock, moreComes: () => committing })
  done = 0
})

function add(count: number): void {
  for (let n = 0; n < count; n++) turnEnd.add({ endTurn: () => void done++ })
}

const nextTurn = () => new Promise(resolve => setImmediate(resolve))

test('tasks run at the end of the turn, those that they add at the end of the next', async () => {
  turnEnd.add({ endTurn: () => add(2) })
  add(1)
  expect(done).toBe(0)
  await nextTurn()
  expect(done).toBe(1)
  await nextTurn()
  expect(done).toBe(3)
})

test('many wait for what a commit under way brings', async () => {
  committing = true
  add(1_000)
  await nextTurn()
  expect(done).toBe(0)
  committing = false
  add(1)
  await nextTurn()
  expect(done).toBe(1_001)
})

test('nobody waits longer than the writing takes, whatever is under way', async () => {
  committing = true
  add(1_000)
  await nextTurn()
  clock.advance(3)
  add(1_000)
  await nextTurn()
  expect(done).toBe(0)
  clock.advance(1)
  expect(done).toBe(2_000)
  add(100_000)
  await nextTurn()
  clock.advance(5)
  expect(done).toBe(102_000)
})

test('a few let what is about to be committed go first, and wait for nothing else', async () => {
  committing = true
  add(255)
  await nextTurn()
  expect(done).toBe(0)
  await nextTurn()
  expect(done).toBe(255)
})
