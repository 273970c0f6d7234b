import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { getPriority } from 'node:os'
import { expect, test } from 'vitest'
import { createPriorities, priorityWarning } from '../../../bench/src/machine/priority.ts'

test('whoever waits gives way with all its threads, until its turn comes', async ({ skip }) => {
  const priorities = createPriorities()
  if (priorities === null) skip('nobody may raise a priority here')
  const child = spawn(process.execPath, ['-e', `console.log('up'); process.stdin.resume()`], { stdio: 'pipe' })
  const pid = child.pid ?? Number.NaN
  const found = () => new Set(readdirSync(`/proc/${pid}/task`).map(thread => getPriority(Number(thread))))
  try {
    await once(child.stdout, 'data')
    const usual = found()
    priorities?.giveWay([pid])
    expect(readdirSync(`/proc/${pid}/task`).length).toBeGreaterThan(1)
    expect(found()).toEqual(new Set([19]))
    priorities?.takeTurn([pid])
    expect(found()).toEqual(usual)
  } finally {
    child.kill()
    await once(child, 'exit')
  }
})

test('one that has ended needs no priority', async ({ skip }) => {
  const priorities = createPriorities()
  if (priorities === null) skip('nobody may raise a priority here')
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  expect(() => priorities?.giveWay([child.pid ?? Number.NaN])).not.toThrow()
})

test('it is said where nobody can give way', () => {
  expect(priorityWarning(null)).toHaveLength(1)
  expect(priorityWarning({ giveWay() {}, takeTurn() {} })).toEqual([])
})
