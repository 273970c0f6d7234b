/**
 * Reading what JSON.parse has made of another node's words: each function gives the value as what it has to be, and throws a TypeError when it is something
 * else.
 */

/** What `read` makes of the JSON; undefined when the text is no JSON, or not what `read` asks for. */
export function readJson<Value>(json: string, read: (value: unknown) => Value): Value | undefined {
  try {
    return read(JSON.parse(json))
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined
    throw error
  }
}

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

export function oneOf<Word extends string | number>(words: readonly Word[], value: unknown): Word {
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

/** An object with no other keys than these. */
export function object<Key extends string>(value: unknown, keys: readonly Key[]): Partial<Record<Key, unknown>> {
  return hasNoOther(value, keys) ? value : fail(`object of ${keys.join(', ')}`)
}

function hasNoOther<Key extends string>(value: unknown, keys: readonly Key[]): value is Partial<Record<Key, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.keys(value).every(key => keys.some(each => each === key))
}

function fail(wanted: string): never {
  throw new TypeError(`not a ${wanted}`)
}
