/**
 * Reading what JSON.parse has made of another node's words: each function gives the value as what it has to be, and throws a TypeError when it is something
 * else.
 */

export function text(value: unknown): string {
  return typeof value === 'string' ? value : fail('text')
}

/** Not below 0: all that nodes count begins there. */
export function integer(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : fail('integer')
}

export function boolean(value: unknown): boolean {
  return typeof value === 'boolean' ? value : fail('boolean')
}

/** Milliseconds since 1970 in UTC, as far as a Date goes. */
export function instant(value: unknown): Date {
  const milliseconds = integer(value)
  return milliseconds <= LAST_INSTANT ? new Date(milliseconds) : fail('instant')
}

const LAST_INSTANT = 8_640_000_000_000_000

/** A whole number of 64 bits and a sign, said in decimal digits. */
export function bigint(value: unknown): bigint {
  const number = typeof value === 'string' && /^-?\d{1,19}$/.test(value) ? BigInt(value) : fail('bigint')
  return number === BigInt.asIntN(64, number) ? number : fail('bigint')
}

export function oneOf<Word extends string>(words: readonly Word[], value: unknown): Word {
  return words.find(word => word === value) ?? fail(words.join(' | '))
}

export function orNull<Value>(read: (value: unknown) => Value, value: unknown): Value | null {
  return value === null ? null : read(value)
}

export function optional<Value>(read: (value: unknown) => Value, value: unknown): Value | undefined {
  return value === undefined ? undefined : read(value)
}

export function list<Value>(value: unknown, read: (item: unknown) => Value): Value[] {
  return Array.isArray(value) ? value.map(item => read(item)) : fail('list')
}

export function tuple(value: unknown, length: number): readonly unknown[] {
  return Array.isArray(value) && value.length === length ? value : fail(`list of ${length}`)
}

export function object(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : fail('object')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fail(wanted: string): never {
  throw new TypeError(`not a ${wanted}`)
}
