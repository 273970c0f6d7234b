import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DEFAULT_LIMITS, FORGET_AFTER_SECONDS, fillSeconds, LIMITED_EVENTS } from '../../src/limits/table.ts'

const SCHEMA = new URL('../../schema/', import.meta.url)

describe('DEFAULT_LIMITS', () => {
  it('holds what clients are promised', () => {
    expect(DEFAULT_LIMITS).toMatchObject({
      'message:send': { tokens: 10, perSeconds: 60, burst: 10 },
      'message:typing': { tokens: 5, perSeconds: 10, burst: 5 },
      'message:edit': { tokens: 3, perSeconds: 60, burst: 3 },
      'message:delete': { tokens: 3, perSeconds: 60, burst: 3 },
      'conversation:join': { tokens: 20, perSeconds: 60, burst: 20 },
    })
  })

  it('has a bucket for every event that the schema limits, and no other', () => {
    const files = globSync('**/*.graphql', { cwd: SCHEMA }).map(name => readFileSync(new URL(name, SCHEMA), 'utf8'))
    const named = files.join('\n').matchAll(/@limit\(event: "([^"]+)"\)/g)
    const inSchema = new Set(Array.from(named, ([, event]) => event))
    expect([...inSchema].sort()).toEqual([...LIMITED_EVENTS].sort())
  })

  it('fills every bucket before it may be forgotten', () => {
    for (const limit of Object.values(DEFAULT_LIMITS))
      expect(fillSeconds(limit)).toBeLessThanOrEqual(FORGET_AFTER_SECONDS)
  })
})
