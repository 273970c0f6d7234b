import { expect, test } from 'vitest'
import { createTurns } from '../../../src/presence/redis/turns.ts'

test('so many go at once, and the others in their order, before any who come later', async () => {
  const turns = createTurns(2)
  const went: string[] = []
  async function go(name: string) {
    const turn = turns.take()
    if (turn !== true && !(await turn)) return went.push(`not ${name}`)
    return went.push(name)
  }
  const all = ['a', 'b', 'c', 'd'].map(go)
  expect(went).toEqual(['a', 'b'])
  expect(turns.waiting).toBe(2)
  turns.done()
  all.push(go('e'))
  turns.done()
  await Promise.all(all.slice(0, 4))
  expect(went).toEqual(['a', 'b', 'c', 'd'])
  turns.dismiss()
  await Promise.all(all)
  expect(went).toEqual(['a', 'b', 'c', 'd', 'not e'])
  expect(turns.waiting).toBe(0)
  turns.done()
  expect(turns.take()).toBe(true)
})
