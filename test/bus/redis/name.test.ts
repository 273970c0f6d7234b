import fc from 'fast-check'
import { expect, it } from 'vitest'
import { redisName } from '../../../src/bus/redis/name.ts'

it('reads as what it stands for', () => {
  expect(redisName(['colloquy', 'acme', 'typing', '0196-a_b'])).toBe('colloquy:acme:typing:0196-a_b')
  expect(redisName(['a:b', '{x}', '*', '\r\n'])).toBe('a%003ab:%007bx%007d:%002a:%000d%000a')
})

it('has no character with a meaning to Redis, and is short', () => {
  const parts = fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1 })
  fc.assert(fc.property(parts, list => /^[\w:%#-]{0,250}$/.test(redisName(list))))
})

it('is never shared by two lists of parts', () => {
  // Few characters, so that lists of near spelling come up often.
  const part = fc.string({ unit: fc.constantFrom('a', ':', '%', '0', '#', '\ud800', '\udc00', 'é'), maxLength: 4 })
  const list = fc.array(part, { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(list, list, (one, two) => {
      expect(redisName(one) === redisName(two)).toBe(JSON.stringify(one) === JSON.stringify(two))
    }),
    { numRuns: 5000 },
  )
})

it('stays apart when it is long', () => {
  const long = 'x'.repeat(10_000)
  const names = [[long], [long, ''], ['', long], [`${long}y`], [long, long]].map(redisName)
  expect(new Set(names).size).toBe(names.length)
})
