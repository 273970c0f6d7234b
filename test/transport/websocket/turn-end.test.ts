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
  add(400)
  await nextTurn()
  expect(done).toBe(0)
  clock.advance(1)
  expect(done).toBe(1_400)
  add(100_000)
  await nextTurn()
  clock.advance(5)
  expect(done).toBe(101_400)
})

test('where waiting brought nothing but other sockets, nobody waits for a while', async () => {
  committing = true
  add(1_000)
  await nextTurn()
  add(600)
  clock.advance(4)
  expect(done).toBe(1_600)
  for (let n = 1; n <= 64; n++) {
    add(1_000)
    await nextTurn()
    await nextTurn()
    expect(done).toBe(1_600 + n * 1_000)
  }
  add(1_000)
  await nextTurn()
  await nextTurn()
  expect(done).toBe(65_600)
  clock.advance(4)
  expect(done).toBe(66_600)
})

test('a few let what is about to be committed go first, and wait for nothing else', async () => {
  committing = true
  add(255)
  await nextTurn()
  expect(done).toBe(0)
  await nextTurn()
  expect(done).toBe(255)
})
