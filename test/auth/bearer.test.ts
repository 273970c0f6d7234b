import { describe, expect, it } from 'vitest'
import { bearer, TOKEN_MAX_LENGTH } from '../../src/auth/bearer.ts'

describe('bearer', () => {
  it.each(['Bearer a.b-c_d.e', 'bearer a.b-c_d.e', 'BEARER   a.b-c_d.e'])('reads the token of %j', header => {
    expect(bearer(header)).toBe('a.b-c_d.e')
  })

  it.each([
    undefined,
    null,
    1,
    ['Bearer a'],
    {},
    '',
    'Bearer',
    'Bearer ',
    'Basic abc',
    'a.b.c',
    ' Bearer a',
    'Bearer a b',
  ])('reads none of %j', header => {
    expect(bearer(header)).toBeUndefined()
  })

  it.each(['Bearer a\n', 'Bearer\ta', 'Bearer a,Bearer b', 'Bearer "a"', 'Bearer é', 'Bearer a\0'])(
    'reads none of %j',
    header => {
      expect(bearer(header)).toBeUndefined()
    },
  )

  it('reads at most 8 KB', () => {
    expect(bearer(`Bearer ${'a'.repeat(TOKEN_MAX_LENGTH)}`)).toHaveLength(8192)
    expect(bearer(`Bearer ${'a'.repeat(TOKEN_MAX_LENGTH + 1)}`)).toBeUndefined()
  })
})
