import { expect, test } from 'vitest'
import { createRegistration } from '../../../src/presence/redis/registration.ts'

const MANY = Array.from({ length: 1_000 }, (_, n) => `user${n}`)

/** Registers by hand: nobody is told of until `answer` says so. */
function byHand() {
  const asked: string[] = []
  const open = new Map<string, (told: boolean) => void>()
  const registration = createRegistration(user => {
    asked.push(user)
    const answer = Promise.withResolvers<boolean>()
    open.set(user, answer.resolve)
    return answer.promise
  })
  return {
    registration,
    asked,
    open,
    async answer(user: string, told = true) {
      open.get(user)?.(told)
      open.delete(user)
      for (let turn = 0; turn < 3; turn++) await undefined
    },
  }
}

test('every user is told of once, in their order, and few at a time', async () => {
  const { registration, asked, open, answer } = byHand()
  const told = registration.begin(MANY)
  let most = 0
  while (open.size > 0) {
    most = Math.max(most, open.size)
    await answer([...open.keys()][0] ?? '')
  }
  expect(await told).toBe(true)
  expect(asked).toEqual(MANY)
  expect(most).toBe(8)
})

test('whoever is told of out of turn is not told of again', async () => {
  const { registration, asked, open, answer } = byHand()
  const told = registration.begin(MANY.slice(0, 20))
  expect([registration.has('user0'), registration.has('user19')]).toEqual([false, true])
  registration.drop('user19')
  expect(registration.has('user19')).toBe(false)
  while (open.size > 0) await answer([...open.keys()][0] ?? '')
  expect(await told).toBe(true)
  expect(asked).toEqual(MANY.slice(0, 19))
})

test('once one could not be told of, no more are tried, until all begin anew', async () => {
  const { registration, asked, open, answer } = byHand()
  const first = registration.begin(MANY)
  const tried = [...open.keys()]
  for (const user of tried) await answer(user, false)
  expect(await first).toBe(false)
  expect(asked).toEqual(tried)
  const second = registration.begin(['ada'])
  await answer('ada')
  expect(await second).toBe(true)
})

test('what was begun before, or ended, is not gone on with', async () => {
  const { registration, asked, open, answer } = byHand()
  const first = registration.begin(MANY)
  const tried = [...open.keys()]
  const second = registration.begin(['ada', 'bob'])
  registration.end()
  for (const user of [...tried, 'ada', 'bob']) await answer(user)
  expect([await first, await second]).toEqual([false, false])
  expect(asked).toEqual([...tried, 'ada', 'bob'])
})
