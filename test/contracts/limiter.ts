import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Limit, Limiter } from '../../src/limits/limiter.ts'
import { DEFAULT_LIMITS, fillSeconds } from '../../src/limits/table.ts'

/** A limiter under test, and the hand on its clock. */
export interface LimiterSubject {
  readonly limiter: Limiter
  advance(ms: number): Promise<void> | void
}

/** What every limiter must show. The factory is called anew for each test; the suite closes what it makes. */
export function limiterContract(
  adapter: string,
  create: (limits: Readonly<Record<string, Limit>>) => Promise<LimiterSubject> | LimiterSubject,
): void {
  describe(`${adapter} keeps the limiter's contract`, () => {
    const odd: Limit = { tokens: 7, perSeconds: 3, burst: 4 }
    let subject: LimiterSubject
    let limiter: Limiter

    beforeEach(async () => {
      subject = await create({ ...DEFAULT_LIMITS, odd })
      limiter = subject.limiter
    })
    afterEach(() => limiter.close())

    async function allowedOf(count: number, event: string, tenantId = 'acme', userId = 'alice'): Promise<number> {
      let allowed = 0
      for (let nth = 0; nth < count; nth++) if ((await limiter.take(tenantId, userId, event)).allowed) allowed++
      return allowed
    }

    describe.each(Object.entries(DEFAULT_LIMITS))('%s', (event, limit) => {
      it('lets exactly a burst through at once', async () => {
        expect(await allowedOf(limit.burst + 20, event)).toBe(limit.burst)
      })

      it('gives a token at the promised rate, not a millisecond earlier', async () => {
        await allowedOf(limit.burst, event)
        const interval = (limit.perSeconds * 1000) / limit.tokens
        expect(await limiter.take('acme', 'alice', event)).toEqual({
          allowed: false,
          limit: limit.burst,
          remaining: 0,
          retryAfterMs: interval,
        })
        await subject.advance(interval - 1)
        expect(await limiter.take('acme', 'alice', event)).toMatchObject({ allowed: false, retryAfterMs: 1 })
        await subject.advance(1)
        expect(await allowedOf(2, event)).toBe(1)
      })

      it('is full again after its filling time, and never fuller', async () => {
        await allowedOf(limit.burst, event)
        await subject.advance(fillSeconds(limit) * 1000 - 1)
        expect(await limiter.peek('acme', 'alice', event)).toMatchObject({ remaining: limit.burst - 1 })
        await subject.advance(1)
        expect(await limiter.peek('acme', 'alice', event)).toMatchObject({ remaining: limit.burst })
        await subject.advance(3_600_000)
        expect(await allowedOf(limit.burst + 20, event)).toBe(limit.burst)
      })
    })

    it('counts down what is left', async () => {
      for (const remaining of [9, 8, 7]) {
        const expected = { allowed: true, limit: 10, remaining, retryAfterMs: 0 }
        expect(await limiter.take('acme', 'alice', 'message:send')).toEqual(expected)
      }
    })

    it('looks without taking', async () => {
      const full = { limit: 10, remaining: 10, retryAfterMs: 0 }
      for (let nth = 0; nth < 20; nth++) expect(await limiter.peek('acme', 'alice', 'message:send')).toEqual(full)
      await allowedOf(10, 'message:send')
      const empty = { limit: 10, remaining: 0, retryAfterMs: 6000 }
      expect(await limiter.peek('acme', 'alice', 'message:send')).toEqual(empty)
      await subject.advance(2500)
      expect(await limiter.peek('acme', 'alice', 'message:send')).toEqual({ ...empty, retryAfterMs: 3500 })
    })

    it('does not let refused tries put the next token off', async () => {
      await allowedOf(10, 'message:send')
      for (let nth = 0; nth < 6; nth++) {
        expect(await allowedOf(5, 'message:send')).toBe(0)
        await subject.advance(1000)
      }
      expect(await allowedOf(5, 'message:send')).toBe(1)
    })

    it('loses no part of a token to rounding when the rate does not divide', async () => {
      await allowedOf(4, 'odd')
      expect(await limiter.peek('acme', 'alice', 'odd')).toMatchObject({ retryAfterMs: 429 })
      let allowed = 0
      for (let ms = 0; ms < 9000; ms += 100) {
        await subject.advance(100)
        allowed += await allowedOf(1, 'odd')
      }
      expect(allowed).toBe(21)
    })

    it('lets a burst through however many ask at once', async () => {
      const asked = Array.from({ length: 200 }, () => limiter.take('acme', 'alice', 'message:send'))
      const decisions = await Promise.all(asked)
      expect(decisions.filter(decision => decision.allowed)).toHaveLength(10)
    })

    it('keeps tenants, users and events apart, whatever their names', async () => {
      const names = ['a', 'b', 'a:b', 'b:c', ':', '', '*', '{a}', 'a","b', '["a"', '\r\n', '../x', '__proto__']
      for (const tenantId of names) {
        for (const userId of names) {
          expect(await allowedOf(4, 'message:edit', tenantId, userId)).toBe(3)
          expect(await allowedOf(4, 'message:delete', tenantId, userId)).toBe(3)
        }
      }
    })
  })
}
