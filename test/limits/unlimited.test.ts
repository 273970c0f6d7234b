import { expect, it } from 'vitest'
import { unlimited } from '../../src/limits/unlimited.ts'

it('never refuses, and says figures that a GraphQL Int can carry', () => {
  for (let nth = 0; nth < 1000; nth++) {
    expect(unlimited.take('acme', 'alice', 'message:send')).toMatchObject({ allowed: true, retryAfterMs: 0 })
  }
  expect(unlimited.peek('acme', 'alice', 'anything')).toEqual({
    limit: 2 ** 31 - 1,
    remaining: 2 ** 31 - 1,
    retryAfterMs: 0,
  })
})
