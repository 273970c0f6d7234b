import { hash } from 'node:crypto'
import { Refusal } from '../domain/errors.ts'
import type { Json } from '../domain/json.ts'
import { checkText } from '../domain/text.ts'

/** The longest `clientMessageId` or `idempotencyKey`, in code points. */
const KEY_MAX = 128

/** A hash of all that a client said under an idempotency key, in hexadecimal: SHA-256 of the operation and its input. */
export function inputHash(operation: string, input: { readonly [name: string]: Json }): string {
  return hash('sha256', JSON.stringify([operation, input]), 'hex')
}

/** Throws `Refusal` unless the text can serve as a key. */
export function checkKey(key: string, field: readonly string[]): void {
  checkText(key, { max: KEY_MAX, field, controls: 'refuse' })
}

/** Throws `Refusal` IDEMPOTENCY_CONFLICT when the key was used with another input. */
export function sameInput(before: string, now: string, field: readonly string[]): void {
  if (before !== now) throw new Refusal('IDEMPOTENCY_CONFLICT', 'This key was used before with another input.', field)
}
