import { Refusal } from './errors.ts'
import { isPlainUnicode } from './text.ts'

/** Any value that JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** How many arrays and objects may stand inside one another: above it, recursive readers at the other end are at risk. */
export const JSON_MAX_DEPTH = 32

export interface JsonRule {
  /** The most bytes that it may have as JSON text in UTF-8. */
  readonly maxBytes: number
  /** The path of the input field, for the refusal. */
  readonly field: readonly string[]
}

/**
 * Holds a client's JSON to what can be stored and given back unchanged. Throws `Refusal`: TOO_LONG above `maxBytes`; INVALID for more than
 * `JSON_MAX_DEPTH` levels, a number that is not finite, and strings or keys with NUL or lone surrogates.
 */
export function checkJson(value: Json, rule: JsonRule): void {
  const fault = faultOf(value, 0)
  if (fault !== undefined) throw new Refusal('INVALID', fault, rule.field)
  if (Buffer.byteLength(JSON.stringify(value)) > rule.maxBytes) {
    throw new Refusal('TOO_LONG', `At most ${rule.maxBytes} bytes of JSON are allowed.`, rule.field)
  }
}

/** What is wrong with the value, which stands within `depth` arrays and objects. */
function faultOf(value: Json, depth: number): string | undefined {
  if (typeof value === 'string') return isPlainUnicode(value) ? undefined : 'NUL and lone surrogates are not allowed.'
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'Numbers must be finite.'
  if (typeof value !== 'object' || value === null) return undefined
  if (depth === JSON_MAX_DEPTH) return `At most ${JSON_MAX_DEPTH} levels of arrays and objects are allowed.`
  for (const [key, inner] of Object.entries(value)) {
    if (!isPlainUnicode(key)) return 'NUL and lone surrogates are not allowed.'
    const fault = faultOf(inner, depth + 1)
    if (fault !== undefined) return fault
  }
  return undefined
}
