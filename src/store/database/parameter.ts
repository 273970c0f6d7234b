/** A parameter as it goes over the wire: text, bytes, or NULL. */
export type Parameter = string | Uint8Array | null

/**
 * Encodes a statement's value: Dates as ISO 8601 in UTC, arrays as Postgres arrays, byte arrays as bytea, any other object as JSON. JSON that is
 * itself an array, a string or a number must be given as its text. Throws what `JSON.stringify` throws, before anything has been sent.
 */
export function encodeParameter(value: unknown): Parameter {
  if (value === null || value === undefined) return null
  if (value instanceof Uint8Array) return value
  return Array.isArray(value) ? encodeArray(value) : encodeScalar(value)
}

function encodeScalar(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  if (typeof value === 'object') return JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  throw new TypeError(`a ${typeof value} is no statement parameter`)
}

function encodeArray(items: readonly unknown[]): string {
  return `{${items.map(encodeItem).join(',')}}`
}

/** A value as it stands in a Postgres array. Throws as `encodeParameter` does. */
export function encodeItem(item: unknown): string {
  if (item === null || item === undefined) return 'NULL'
  if (Array.isArray(item)) return encodeArray(item)
  const text = encodeScalar(item)
  return text.includes('"') || text.includes('\\')
    ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
    : `"${text}"`
}
