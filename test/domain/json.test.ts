import { describe, expect, it } from 'vitest'
import { checkJson, JSON_MAX_DEPTH, type Json } from '../../src/domain/json.ts'

const rule = { maxBytes: 200, field: ['input', 'metadata'] }
const refused = (code: string) => expect.objectContaining({ name: 'Refusal', code, field: rule.field })

function nested(depth: number): Json {
  let value: Json = 1
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

describe('checkJson', () => {
  it('takes every kind of value', () => {
    for (const value of [null, true, 0, 'é', [], {}, { a: [1, { b: null }] }]) {
      expect(() => checkJson(value, rule)).not.toThrow()
    }
  })

  it('counts the bytes of the JSON text in UTF-8', () => {
    expect(() => checkJson('é'.repeat(99), rule)).not.toThrow()
    expect(() => checkJson('é'.repeat(100), rule)).toThrow(refused('TOO_LONG'))
  })

  it('bounds the depth, however deep the value is', () => {
    expect(() => checkJson(nested(JSON_MAX_DEPTH), rule)).not.toThrow()
    expect(() => checkJson(nested(JSON_MAX_DEPTH + 1), rule)).toThrow(refused('INVALID'))
    expect(() => checkJson(nested(100_000), rule)).toThrow(refused('INVALID'))
  })

  it('refuses what cannot be given back unchanged, in values and in keys', () => {
    const values: Json[] = ['\ud800', ['a\0b'], { '\udc00': 1 }, { 'a\0': 1 }, Number.NaN, [Number.POSITIVE_INFINITY]]
    for (const value of values) expect(() => checkJson(value, rule)).toThrow(refused('INVALID'))
  })

  it('treats __proto__ as a key like any other and pollutes nothing', () => {
    const value: Json = JSON.parse('{"__proto__": {"polluted": "\\u0000"}, "constructor": 1}')
    expect(() => checkJson(value, rule)).toThrow(refused('INVALID'))
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})
