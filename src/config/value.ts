import { z } from 'zod'
import { publicKey } from '../auth/public-key.ts'

/** The kinds of values that a variable can have, each read from its text. No message repeats the text: it may be a secret. */

/** A whole number from `min` to `max`. */
export function whole(fallback: number, { min = 1, max = 2_147_483_647 } = {}) {
  const message = `must be a whole number from ${min} to ${max}`
  const digits = z
    .string()
    .regex(/^\d{1,10}$/, message)
    .transform(Number)
  return digits.pipe(z.number().min(min, message).max(max, message)).default(fallback)
}

export function oneOf<const Word extends string>(words: readonly [Word, ...Word[]]) {
  return z.enum(words, `must be one of ${words.join(', ')}`)
}

/** Text without white space or control characters. */
export function word() {
  return z.string().regex(/^[^\s\p{Cc}]+$/u, 'must not have white space or control characters')
}

/** An address of one of the schemes, such as `redis:`. */
export function address(schemes: readonly string[]) {
  const spelled = schemes.map(scheme => `${scheme}//`).join(' or ')
  return z.string().refine(text => hasScheme(text, schemes), `must be an address that begins with ${spelled}`)
}

/** Several, separated by commas. */
export function addresses(schemes: readonly string[]) {
  const spelled = schemes.map(scheme => `${scheme}//`).join(' or ')
  const message = `must be addresses that begin with ${spelled}, separated by commas`
  return list().refine(items => items.every(item => hasScheme(item, schemes)), message)
}

/** Origins as browsers spell them, separated by commas. */
export function origins() {
  const message = 'must be origins such as https://chat.example, without a path, separated by commas'
  return list().refine(
    items => items.every(item => hasScheme(item, ['http:', 'https:']) && URL.parse(item)?.origin === item),
    message,
  )
}

/** A public key that `publicKey` can read; its text. */
export function publicKeyText() {
  return z.string().superRefine((text, context) => {
    try {
      publicKey(text)
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'it cannot be read'
      context.addIssue({ code: 'custom', message: `must be a public key as PEM or JWK: ${reason}` })
    }
  })
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function list() {
  return z.string().transform(text => text.split(',').map(item => item.trim()))
}

function hasScheme(text: string, schemes: readonly string[]): boolean {
  return schemes.includes(URL.parse(text)?.protocol ?? '')
}
