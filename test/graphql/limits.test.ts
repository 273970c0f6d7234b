import { buildSchema } from 'graphql'
import { describe, expect, test } from 'vitest'
import { applyLimits, limitEvents } from '../../src/graphql/limits.ts'
import { readTypeDefs } from '../../src/graphql/schema.ts'
import type { Limiter } from '../../src/limits/limiter.ts'
import { alice, cursor, fakeEngine, generous, message, run } from './engine-fixture.ts'

/** A bucket of `burst` tokens for each event, never refilled, and what was taken from whose. */
function buckets(burst: number) {
  const taken = new Map<string, number>()
  const look = (event: string) => ({
    limit: burst,
    remaining: Math.max(0, burst - (taken.get(event) ?? 0)),
    retryAfterMs: 60_000,
  })
  const limiter: Limiter = {
    take(tenantId, userId, event) {
      expect([tenantId, userId]).toEqual([alice.tenantId, alice.userId])
      const allowed = look(event).remaining > 0
      if (allowed) taken.set(event, (taken.get(event) ?? 0) + 1)
      return { allowed, ...look(event) }
    },
    peek: (_, __, event) => look(event),
    close: async () => {},
  }
  return { limiter, taken }
}

const send = (n: number) =>
  `m${n}: sendMessage(input: { conversationId: "c1", content: "x", clientMessageId: "k${n}" }) { message { id } userErrors { code } }`

describe('limits', () => {
  test('50 aliased sends on a burst of 10: 10 are sent and 40 refused before anything runs', async () => {
    let sent = 0
    const { limiter } = buckets(10)
    const services = { messages: { send: async () => ({ thing: message({ id: `m${++sent}` }), position: cursor(1) }) } }
    const { engine } = fakeEngine(services, {}, { limiter })
    const result = await run(engine, `mutation { ${Array.from({ length: 50 }, (_, n) => send(n)).join(' ')} }`)
    expect(sent).toBe(10)
    expect(result['data']).toMatchObject({
      m0: { message: { id: 'm1' } },
      m9: { message: { id: 'm10' } },
      m10: null,
      m49: null,
    })
    expect(result['errors']).toHaveLength(40)
    expect(result['errors']).toContainEqual({
      message: expect.any(String),
      path: ['m10'],
      locations: expect.any(Array),
      extensions: { code: 'RATE_LIMITED', event: 'message:send', limit: 10, remaining: 0, retryAfterMs: 60_000 },
    })
  })

  test('every mutation takes one token of the bucket that its @limit names, and only then runs', async () => {
    const { limiter, taken } = buckets(0)
    const { engine } = fakeEngine({}, {}, { limiter })
    const fields = Object.values(engine.schema.getMutationType()?.getFields() ?? {})
    expect(fields.length).toBeGreaterThan(15)
    for (const field of fields) {
      const query = `mutation ($input: ${field.args[0]?.type}) { ${field.name}(input: $input) { __typename } }`
      const admitted = engine.admit({ query })
      expect(admitted).toHaveProperty('kind', 'mutation')
      const context = { viewer: alice, forget() {} }
      const refused = Promise.resolve(field.resolve?.(undefined, {}, context, Object.create(null)))
      await expect(refused).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    }
    expect(taken.size).toBe(0)
  })

  test('the viewer sees every bucket, and looking takes nothing', async () => {
    const { limiter, taken } = buckets(3)
    const { engine } = fakeEngine({}, {}, { limiter })
    const result = await run(engine, '{ viewer { limits { event limit remaining retryAfterMs } } }')
    expect(result).toMatchObject({
      data: {
        viewer: {
          limits: expect.arrayContaining([{ event: 'message:send', limit: 3, remaining: 3, retryAfterMs: 60_000 }]),
        },
      },
    })
    expect(limitEvents(engine.schema)).toHaveLength(new Set(limitEvents(engine.schema)).size)
    expect(taken.size).toBe(0)
  })

  test('a schema with a mutation that has no limit is not built', () => {
    const schema = buildSchema(readTypeDefs().replace(' @limit(event: "message:send")', ''))
    expect(() => applyLimits(schema, generous)).toThrow('sendMessage')
  })
})
