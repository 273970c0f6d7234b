import { expect, test } from 'vitest'
import { createRounds } from '../../src/transport/rounds.ts'
import { createManualClock } from '../support/manual-clock.ts'

const INTERVAL = 25_600

function start() {
  const clock = createManualClock()
  const begun = clock.now()
  const visits: [string, number][] = []
  const rounds = createRounds<string>(clock, INTERVAL, member => visits.push([member, clock.now() - begun]))
  return { clock, rounds, visits }
}

test('each is visited every interval from when it joined, and all of them from one timer', () => {
  const { clock, rounds, visits } = start()
  rounds.join('early')
  clock.advance(10_000)
  rounds.join('late')
  expect(clock.pending).toBe(1)
  clock.advance(INTERVAL * 2 - 10_000)
  expect(visits).toEqual([
    ['early', INTERVAL],
    ['late', INTERVAL + 10_000],
    ['early', INTERVAL * 2],
  ])
})

test('what is due within a moment goes in one round, none of it early and none a moment late', () => {
  const { clock, rounds, visits } = start()
  for (let n = 0; n < 1_000; n++) {
    rounds.join(`${n}`)
    clock.advance(1)
  }
  clock.advance(INTERVAL)
  expect(visits.map(([name]) => name)).toEqual(Array.from({ length: 1_000 }, (_, n) => `${n}`))
  const late = visits.map(([name, at]) => at - INTERVAL - Number(name))
  expect(Math.min(...late)).toBe(0)
  expect(Math.max(...late)).toBeLessThanOrEqual(100)
  expect(new Set(visits.map(([, at]) => at)).size).toBeLessThanOrEqual(11)
})

test('who leaves is visited no more, in a round that has begun too, and with the last goes the timer', () => {
  const clock = createManualClock()
  const visited: string[] = []
  const rounds = createRounds<string>(clock, INTERVAL, member => {
    visited.push(member)
    if (member === 'first') rounds.leave('second')
  })
  for (const member of ['first', 'second', 'third']) rounds.join(member)
  clock.advance(INTERVAL)
  expect(visited).toEqual(['first', 'third'])
  for (const member of ['first', 'third']) rounds.leave(member)
  expect(clock.pending).toBe(0)
})

test('one may join when all have left', () => {
  const { clock, rounds, visits } = start()
  rounds.join('gone')
  rounds.leave('gone')
  clock.advance(100)
  rounds.join('here')
  clock.advance(INTERVAL)
  expect(visits).toEqual([['here', INTERVAL + 100]])
  expect(clock.pending).toBe(1)
})
