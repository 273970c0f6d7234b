import fc from 'fast-check'
import { expect, it } from 'vitest'
import { interleavings, type Opened, play, truth } from './interleaving.ts'

const RUNS = 400

it('each sink is told exactly what it may see, once and in order, whatever the order of things', async () => {
  await fc.assert(
    fc.asyncProperty(interleavings, async steps => {
      const world = await play(steps)
      for (const opened of world.opened) {
        expect(opened.sink.faults).toEqual([])
        expect(faultOf(opened, from => truth(world, opened, from))).toBeUndefined()
      }
      await world.close()
      expect(world.clock.pending).toBe(0)
      expect(world.logger.entries.filter(entry => entry.level === 'error')).toEqual([])
    }),
    { numRuns: RUNS },
  )
}, 120_000)

/** What is wrong with what the sink was told; undefined when nothing is. */
function faultOf(opened: Opened, expectedFrom: (position: number) => readonly string[]): object | undefined {
  const { after, headAtFirst, headAtLast, sink } = opened
  // «From now on» is some moment between the asking and the answer.
  const starts = after === null ? range(headAtFirst, Math.min(headAtLast, headAtFirst + 200)) : [after]
  const told = sink.written.filter(item => !item.startsWith('CaughtUp'))
  const isRight = (expected: readonly string[]) =>
    fits(told, expected, opened) && sink.written.every((item, index) => isTrue(item, index, sink.written, expected))
  if (starts.some(start => isRight(expectedFrom(start)))) return undefined
  return {
    written: sink.written,
    expected: starts.map(expectedFrom),
    user: opened.user,
    of: opened.conversationId,
    after,
  }
}

function fits(told: readonly string[], expected: readonly string[], { closed }: Opened): boolean {
  if (!closed && told.length !== expected.length) return false
  return told.every((item, index) => item === expected[index])
}

/** CaughtUp tells the truth when all up to its position, and nothing after it, was said before. */
function isTrue(item: string, index: number, written: readonly string[], expected: readonly string[]): boolean {
  if (!item.startsWith('CaughtUp')) return true
  const before = written.slice(0, index).filter(each => !each.startsWith('CaughtUp'))
  const due = expected.filter(each => positionOf(each) <= positionOf(item))
  return before.length === due.length
}

function positionOf(item: string): number {
  return Number(item.split(' ')[1])
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, nth) => from + nth)
}
