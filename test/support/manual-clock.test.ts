import { expect, it } from 'vitest'
import { createManualClock } from './manual-clock.ts'

it('runs what falls due in the order of time, each at its own time, also what was set on the way', () => {
  const clock = createManualClock(0)
  const ran: string[] = []
  const note = (name: string) => () => ran.push(`${name} ${clock.now()}`)
  clock.after(30, note('late'))
  clock.after(10, () => {
    note('early')()
    clock.after(5, note('inner'))
  })
  clock.after(10, note('second'))
  clock.after(41, note('not yet'))
  const cancel = clock.after(20, note('cancelled'))
  cancel()
  cancel()
  clock.advance(40)
  expect(ran).toEqual(['early 10', 'second 10', 'inner 15', 'late 30'])
  expect(clock.now()).toBe(40)
  expect(clock.pending).toBe(1)
})
