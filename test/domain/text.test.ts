import { describe, expect, it } from 'vitest'
import { checkText, isPlainUnicode } from '../../src/domain/text.ts'

const field = ['input', 'content']
const check = (value: string, rule: Partial<Parameters<typeof checkText>[1]> = {}) => {
  checkText(value, { max: 5, field, ...rule })
}
const refused = (code: string) => expect.objectContaining({ name: 'Refusal', code, field })

describe('checkText', () => {
  it('counts code points, not UTF-16 units', () => {
    expect(() => check('😀😀😀😀😀')).not.toThrow()
    expect(() => check('😀😀😀😀😀😀')).toThrow(refused('TOO_LONG'))
    expect(() => check('abcdef')).toThrow(refused('TOO_LONG'))
    expect(() => check('x'.repeat(100_000))).toThrow(refused('TOO_LONG'))
  })

  it('refuses NUL and lone surrogates', () => {
    for (const text of ['a\0b', '\ud800', 'a\udc00', '\udc00\ud800']) {
      expect(() => check(text)).toThrow(refused('INVALID'))
      expect(isPlainUnicode(text)).toBe(false)
    }
  })

  it('refuses empty and blank text unless it is allowed', () => {
    for (const text of ['', '   ', '\n\t', '\u00a0']) {
      expect(() => check(text)).toThrow(refused('INVALID'))
      expect(() => check(text, { empty: 'allow' })).not.toThrow()
    }
  })

  it('refuses control characters and line breaks only where the rule says so', () => {
    for (const text of ['a\nb', 'a\u001bb', 'a\u007fb', 'a\u0085b', 'a\u2028b']) {
      expect(() => check(text)).not.toThrow()
      expect(() => check(text, { controls: 'refuse' })).toThrow(refused('INVALID'))
    }
  })

  it('never repeats the text in its message', () => {
    for (const text of ['secret words', 'secr\0']) {
      expect(() => check(text)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('secr') }))
    }
  })
})
