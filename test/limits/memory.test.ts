import { describe, expect, it } from 'vitest'
import { createMemoryLimiter } from '../../src/limits/memory.ts'
import { DEFAULT_LIMITS } from '../../src/limits/table.ts'
import { limiterContract } from '../contracts/limiter.ts'
import { createManualClock } from '../support/manual-clock.ts'

const MINUTE = 60_000

limiterContract('memory', limits => {
  const clock = createManualClock()
  return { limiter: createMemoryLimiter({ limits, clock }), advance: clock.advance }
})

describe('createMemoryLimiter', () => {
  function withUsers(count: number) {
    const clock = createManualClock()
    const limiter = createMemoryLimiter({ limits: DEFAULT_LIMITS, clock })
    for (let nth = 0; nth < count; nth++) limiter.take('acme', `user ${nth}`, 'message:send')
    return { clock, limiter }
  }

  it('forgets buckets that nobody used for 30 minutes, a few at each take', () => {
    const { clock, limiter } = withUsers(100)
    clock.advance(30 * MINUTE - 1)
    limiter.take('acme', 'somebody', 'message:send')
    expect(limiter.size).toBe(101)
    clock.advance(1)
    limiter.take('acme', 'somebody', 'message:send')
    expect(limiter.size).toBe(99)
    for (let nth = 0; nth < 50; nth++) limiter.take('acme', 'somebody', 'message:send')
    expect(limiter.size).toBe(1)
  })

  it('keeps the buckets that are in use while it forgets others', () => {
    const { clock, limiter } = withUsers(3)
    clock.advance(20 * MINUTE)
    for (let nth = 0; nth < 10; nth++) limiter.take('acme', 'user 0', 'message:send')
    clock.advance(10 * MINUTE - 1)
    for (let nth = 0; nth < 10; nth++) limiter.take('acme', 'user 1', 'message:edit')
    clock.advance(1)
    limiter.take('acme', 'user 1', 'message:edit')
    expect(limiter.size).toBe(2)
    expect(limiter.peek('acme', 'user 1', 'message:edit')).toMatchObject({ remaining: 0 })
  })

  it('remembers nothing of those who only look', () => {
    const { limiter } = withUsers(0)
    for (let nth = 0; nth < 100; nth++) limiter.peek('acme', `user ${nth}`, 'message:send')
    expect(limiter.size).toBe(0)
  })

  it('gives nothing for a clock that goes back', () => {
    const { clock, limiter } = withUsers(0)
    for (let nth = 0; nth < 10; nth++) limiter.take('acme', 'alice', 'message:send')
    clock.advance(-5 * MINUTE)
    expect(limiter.take('acme', 'alice', 'message:send')).toMatchObject({ allowed: false, retryAfterMs: 6000 })
  })

  it('throws for an event that has no limit, one of Object.prototype included', () => {
    const { limiter } = withUsers(0)
    for (const event of ['message:sing', 'constructor', '__proto__']) {
      expect(() => limiter.take('acme', 'alice', event)).toThrow(TypeError)
      expect(() => limiter.peek('acme', 'alice', event)).toThrow(TypeError)
    }
  })
})
