import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pauseMs } from '../../client/src/backoff.ts'
import { systemClock } from '../../client/src/clock.ts'
import { isSubscription } from '../../client/src/operation-type.ts'
import { expiryOf } from '../../client/src/token.ts'
import { mintToken } from '../../src/auth/mint-token.ts'

describe('what kind of operation a document holds', () => {
  test.each([
    ['subscription { inbox { position } }', undefined, true],
    ['subscription Inbox($after: Position) @live { inbox(after: $after) { position } }', undefined, true],
    ['fragment F on Query { a } subscription S { ...F }', undefined, true],
    ['# mutation\nsubscription S { a }', undefined, true],
    ['"a subscription" query Q { a }', undefined, false],
    ['{ subscription { a } }', undefined, false],
    ['query subscription { a }', undefined, false],
    ['mutation M($text: String = "} subscription S {") { a(text: $text) }', undefined, false],
    ['mutation M { a(text: """} \\""" subscription S {""") }', undefined, false],
    ['mutation M($in: In = { a: { b: 1 } }) { a(in: $in) } subscription S { b }', 'M', false],
    ['mutation M($in: In = { a: { b: 1 } }) { a(in: $in) } subscription S { b }', 'S', true],
    ['query Q { a } subscription S { b }', 'T', false],
    ['subscription S { a }', null, true],
    ['subscription S { a }', '', true],
    ['not GraphQL', undefined, false],
    ['', undefined, false],
  ])('%s (%s)', (query, operationName, expected) => {
    expect(isSubscription(query, operationName)).toBe(expected)
  })
})

describe('the expiry of a token', () => {
  test('is its exp, whatever else it says', async () => {
    const token = await mintToken({
      secret: 'x'.repeat(32),
      tenantId: 'acme',
      userId: 'ünï',
      name: '名前 "🙂"',
      ttlSeconds: 60,
      now: 1_000,
      tenantClaim: 'org_id',
    })
    expect(expiryOf(token)).toBe(61_000)
  })

  test.each(['', 'opaque', 'a.b.c', `a.${btoa('null')}.c`, `a.${btoa('{"exp":"1"}')}.c`, `a.${btoa('{}')}.c`])(
    'of %j is not known',
    token => {
      expect(expiryOf(token)).toBeUndefined()
    },
  )
})

test('a pause is shorter than twice the one before, and than the longest', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (failures, at) => {
        const pause = pauseMs(failures, { clock: systemClock, random: () => at, firstMs: 1_000, mostMs: 30_000 })
        expect(pause).toBeGreaterThanOrEqual(0)
        expect(pause).toBeLessThan(Math.min(30_000, 1_000 * 2 ** (failures - 1)))
      },
    ),
  )
})

test('the package needs nothing but graphql-ws', () => {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync('client/package.json', 'utf8'))
  expect(dependencies).toBeUndefined()
  expect(Object.keys(peerDependencies)).toEqual(['graphql-ws'])
  const sources = readdirSync('client/src').map(file => readFileSync(`client/src/${file}`, 'utf8'))
  const imported = sources.flatMap(text => [...text.matchAll(/from '([^.'][^']*)'/g)].map(([, name]) => name))
  expect(new Set(imported)).toEqual(new Set(['graphql-ws/client']))
})
