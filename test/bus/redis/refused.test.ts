import { expect, test } from 'vitest'
import { createRefused } from '../../../src/bus/redis/refused.ts'
import { createManualClock } from '../../support/manual-clock.ts'

/** Channels that are refused whenever they are asked for, while `refuses` is true. */
function always() {
  const clock = createManualClock()
  const start = clock.now()
  const asked: number[] = []
  const story: string[] = []
  const world = { refuses: true }
  const refused = createRefused({
    clock,
    retry(channels) {
      asked.push(clock.now() - start)
      story.push(channels.join())
      for (const channel of channels) world.refuses ? refused.add(channel) : refused.delete(channel)
    },
    changed: () => story.push(refused.any ? 'refused' : 'none'),
  })
  return { clock, asked, story, world, refused }
}

test('what is refused again and again is asked for ever more seldom, down to once in five seconds', () => {
  const { clock, asked, refused } = always()
  refused.add('a')
  clock.advance(20_000)
  expect(asked).toEqual([200, 600, 1_400, 3_000, 6_200, 11_200, 16_200])
})

test('all that are refused are asked for together, and one more brings no haste', () => {
  const { clock, story, refused } = always()
  refused.add('a')
  clock.advance(199)
  refused.add('b')
  expect(story).toEqual(['refused'])
  clock.advance(1)
  refused.add('c')
  clock.advance(399)
  expect(story).toEqual(['refused', 'a,b'])
  clock.advance(1)
  expect(story).toEqual(['refused', 'a,b', 'a,b,c'])
})

test('the pauses begin anew only once nothing was refused for a while', () => {
  const { clock, asked, refused, world } = always()
  refused.add('a')
  clock.advance(600)
  world.refuses = false
  clock.advance(800)
  expect(refused.any).toBe(false)
  world.refuses = true
  clock.advance(9_999)
  refused.add('a')
  clock.advance(1_599)
  expect(asked).toHaveLength(3)
  clock.advance(1)
  expect(asked).toHaveLength(4)
  refused.delete('a')
  clock.advance(10_000)
  refused.add('a')
  clock.advance(200)
  expect(asked).toHaveLength(5)
})

test('what is not wanted any more, or given, is not asked for', () => {
  const { clock, story, refused } = always()
  refused.add('a')
  refused.add('b')
  refused.delete('a')
  refused.delete('b')
  refused.delete('b')
  expect([story, clock.pending]).toEqual([['refused', 'none'], 0])
  refused.add('c')
  refused.stop()
  clock.advance(20_000)
  expect(story).toEqual(['refused', 'none', 'refused'])
})
