import { parseConstValue } from 'graphql'
import { describe, expect, test } from 'vitest'
import { encodeCursor } from '../../src/domain/position.ts'
import { dateTime, json, position } from '../../src/graphql/scalars.ts'
import { cursor, fakeEngine, message, refused, run } from './engine-fixture.ts'

const badInput = expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })
const literal = (text: string) => json.coerceInputLiteral?.(parseConstValue(text))

describe('JSON', () => {
  test('takes any value, as a literal as well', () => {
    const value = { a: [1, 2.5, 'x', true, null, { b: {} }], c: -0.5 }
    expect(json.coerceInputValue(value)).toEqual(value)
    expect(literal('{ a: [1, 2.5, "x", true, null, { b: {} }], c: -0.5 }')).toEqual(value)
  })

  test('refuses keys that change an object’s nature, and what is nested too deep', () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      expect(() => json.coerceInputValue(JSON.parse(`{"a":[{"${key}":1}]}`))).toThrow(badInput)
      expect(() => literal(`{ a: [{ ${key}: 1 }] }`)).toThrow(badInput)
    }
    const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels))
    expect(json.coerceInputValue(deep(100))).toEqual(deep(100))
    expect(() => json.coerceInputValue(deep(101))).toThrow(badInput)
    expect(() => json.coerceInputValue(deep(100_000))).toThrow(badInput)
  })

  test('reaches the service as it was sent, from a variable inside a literal too', async () => {
    const taken: unknown[] = []
    const send = async (_: unknown, input: { readonly metadata?: unknown }) => {
      taken.push(input.metadata)
      return { thing: message({ metadata: { b: [1] } }), position: cursor(1) }
    }
    const { engine } = fakeEngine({ messages: { send } })
    const query = `mutation ($v: JSON) { sendMessage(input: { conversationId: "c", content: "x", clientMessageId: "k", metadata: { a: $v } }) { message { metadata } } }`
    expect(await run(engine, query, { v: { b: [1] } })).toEqual({
      data: { sendMessage: { message: { metadata: { b: [1] } } } },
    })
    expect(taken).toEqual([{ a: { b: [1] } }])
  })
})

describe('Position', () => {
  test('is a cursor inside and opaque text outside', () => {
    expect(position.coerceInputValue(encodeCursor(cursor(5)))).toEqual(cursor(5))
    expect(position.coerceOutputValue(cursor(5))).toBe(encodeCursor(cursor(5)))
  })

  test('that is none is BAD_USER_INPUT, as a literal as well', () => {
    const { engine } = fakeEngine()
    for (const value of ['', 'x', 5, null, {}, encodeCursor(cursor(5)).slice(1)]) {
      expect(() => position.coerceInputValue(value)).toThrow(badInput)
    }
    const [error] = refused(engine, '{ events(after: "rubbish") { nodes { position } } }')
    expect(error).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
    expect(error?.message).not.toContain('rubbish')
  })
})

test('DateTime is RFC 3339 in UTC with milliseconds', () => {
  expect(dateTime.coerceOutputValue(new Date(0))).toBe('1970-01-01T00:00:00.000Z')
  expect(dateTime.coerceInputValue('2026-01-01T02:00:00+02:00')).toEqual(new Date('2026-01-01T00:00:00Z'))
  for (const value of ['2026-01-01', '2026-13-01T00:00:00Z', 0, 'now'])
    expect(() => dateTime.coerceInputValue(value)).toThrow(badInput)
})
