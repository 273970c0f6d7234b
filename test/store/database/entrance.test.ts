import { expect, test, vi } from 'vitest'
import { UnavailableError } from '../../../src/store/database/database.ts'
import { createEntrance } from '../../../src/store/database/entrance.ts'
import { createManualClock } from '../../support/manual-clock.ts'

function opened({ places = 1, longestMs = 30_000 } = {}) {
  const clock = createManualClock()
  const entrance = createEntrance({ clock, places, most: 3, stallMs: 5_000, longestMs })
  const told: string[] = []
  const come = (name: string) => {
    const wait = entrance.enter() ?? Promise.resolve()
    wait.then(
      () => told.push(`${name} is in`),
      (error: unknown) => told.push(`${name} is refused${error instanceof UnavailableError ? '' : ' otherwise'}`),
    )
  }
  const says = (...expected: readonly string[]) => vi.waitFor(() => expect(told).toEqual(expected))
  return { clock, entrance, come, says }
}

test('so many are in at once, the others come in as they came', async () => {
  const { entrance, come, says } = opened({ places: 2 })
  for (const name of ['ann', 'bob', 'cid', 'dan']) come(name)
  await says('ann is in', 'bob is in')
  entrance.leave({ served: true })
  await says('ann is in', 'bob is in', 'cid is in')
  entrance.leave({ served: false })
  await says('ann is in', 'bob is in', 'cid is in', 'dan is in')
})

test('a place that nobody waits for is there for who comes later', async () => {
  const { entrance, come, says } = opened()
  come('ann')
  entrance.leave({ served: true })
  come('bob')
  await says('ann is in', 'bob is in')
})

test('a crowd waits as long as the line moves on', async () => {
  const { clock, entrance, come, says } = opened()
  for (const name of ['ann', 'bob', 'cid', 'dan']) come(name)
  for (let n = 0; n < 3; n++) {
    clock.advance(4_900)
    entrance.leave({ served: true })
  }
  await says('ann is in', 'bob is in', 'cid is in', 'dan is in')
  expect(clock.pending).toBe(0)
})

test('nobody waits for ever, however the line moves on', async () => {
  const { clock, entrance, come, says } = opened({ longestMs: 10_000 })
  for (const name of ['ann', 'bob', 'cid', 'dan']) come(name)
  for (let n = 0; n < 2; n++) {
    clock.advance(4_900)
    entrance.leave({ served: true })
  }
  clock.advance(500)
  await says('ann is in', 'bob is in', 'cid is in', 'dan is refused')
})

test('nobody waits when nobody is served, whoever leaves', async () => {
  const { clock, entrance, come, says } = opened()
  for (const name of ['ann', 'bob', 'cid']) come(name)
  clock.advance(2_000)
  entrance.leave({ served: false })
  await says('ann is in', 'bob is in')
  clock.advance(2_500)
  await says('ann is in', 'bob is in')
  clock.advance(1_000)
  await says('ann is in', 'bob is in', 'cid is refused')
})

test('who comes to a line that stands has their own time', async () => {
  const { clock, come, says } = opened()
  come('ann')
  clock.advance(60_000)
  come('bob')
  clock.advance(4_000)
  await says('ann is in')
  clock.advance(1_500)
  await says('ann is in', 'bob is refused')
})

test('too many are refused, and all who wait when they are told so', async () => {
  const { entrance, come, says } = opened()
  for (const name of ['ann', 'bob', 'cid', 'dan', 'eve']) come(name)
  await says('ann is in', 'eve is refused')
  entrance.refuse(new UnavailableError('closed'))
  await says('ann is in', 'eve is refused', 'bob is refused', 'cid is refused', 'dan is refused')
})
