import { Refusal } from './errors.ts'

export interface TextRule {
  /** The most code points that it may have. */
  readonly max: number
  /** The path of the input field, for the refusal. */
  readonly field: readonly string[]
  /** Whether nothing, or white space alone, will do. Default: refuse. */
  readonly empty?: 'refuse' | 'allow'
  /** Whether it may have control characters and line breaks (what fits on one line has none). NUL never may. Default: allow. */
  readonly controls?: 'refuse' | 'allow'
}

const CONTROL = /[\p{Cc}\u2028\u2029]/u

/**
 * Holds a client's text to what can be stored and given back unchanged. Throws `Refusal`: TOO_LONG above `max` code points; INVALID for NUL
 * (Postgres refuses it), for lone surrogates (UTF-8 cannot say them) and for what the rule leaves out.
 */
export function checkText(value: string, rule: TextRule): void {
  const { field } = rule
  if (longer(value, rule.max)) throw new Refusal('TOO_LONG', `At most ${rule.max} characters are allowed.`, field)
  if (!isPlainUnicode(value)) throw new Refusal('INVALID', 'NUL and lone surrogates are not allowed.', field)
  if (rule.controls === 'refuse' && CONTROL.test(value)) {
    throw new Refusal('INVALID', 'Control characters are not allowed.', field)
  }
  if (rule.empty !== 'allow' && value.trim() === '') throw new Refusal('INVALID', 'It must not be empty.', field)
}

/** Whether every store and encoding can carry the text: no lone surrogate, no NUL. */
export function isPlainUnicode(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0')
}

/** Whether `value` has more than `max` code points; reads no more of it than it must. */
function longer(value: string, max: number): boolean {
  if (value.length <= max) return false
  if (value.length > 2 * max) return true
  let count = 0
  for (const _ of value) if (++count > max) return true
  return false
}
