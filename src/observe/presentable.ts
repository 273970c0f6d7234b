/**
 * What may be written to a log: bounded in size and depth, without secrets, and without characters that move a cursor or begin a line. It reads
 * whatever it is given, cycles and hostile objects included.
 */
export function presentable(fields: object): Record<string, unknown> {
  try {
    return entriesOf(fields, { depth: 0, budget: { left: MAX_VALUES } })
  } catch {
    return { fields: '[unreadable]' }
  }
}

/** One line of at most 1 KB and a note of what was cut off. */
export function line(text: string): string {
  return cut(text, MAX_TEXT)
}

const MAX_TEXT = 1024
const MAX_STACK = 4096
const MAX_DEPTH = 6
const MAX_ENTRIES = 50
const MAX_VALUES = 200
const REDACTED = '[redacted]'

/** The last word of a field's name, whatever case and joints it is spelled with: `accessToken`, `JWT_SECRET`, `x-api-key`. */
const SECRET_NAME = /(token|authorization|secret|password|passwd|cookie|privatekey|apikey)$/

interface Place {
  readonly depth: number
  /** Shared by the whole event: how many values may still be written. */
  readonly budget: { left: number }
}

function shown(value: unknown, place: Place): unknown {
  if (--place.budget.left < 0) return '[more]'
  switch (typeof value) {
    case 'string':
      return line(value)
    case 'bigint':
      return String(value)
    case 'function':
    case 'symbol':
      return `[${typeof value}]`
    case 'object':
      return value === null ? null : shownObject(value, place)
    default:
      return value
  }
}

function shownObject(value: object, place: Place): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '[no date]' : value.toISOString()
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (place.depth === MAX_DEPTH) return '[deep]'
  const inner = { ...place, depth: place.depth + 1 }
  if (value instanceof Error) return shownError(value, inner)
  if (!Array.isArray(value)) return entriesOf(value, inner)
  const items = value.slice(0, MAX_ENTRIES).map(item => shown(item, inner))
  return value.length > MAX_ENTRIES ? [...items, `[${value.length - MAX_ENTRIES} more]`] : items
}

/** The message stands by itself: inside the stack its line breaks could pass for frames. */
function shownError(error: Error, place: Place): Record<string, unknown> {
  const frames = (error.stack ?? '')
    .replace(error.message, '')
    .split('\n')
    .filter(frame => /^\s+at /.test(frame))
  const { message: _message, stack: _stack, name: _name, ...rest } = entriesOf(error, place)
  return {
    type: line(error.name),
    message: line(error.message),
    ...rest,
    ...(error.cause === undefined ? {} : { cause: shown(error.cause, place) }),
    ...(error instanceof AggregateError ? { errors: shown(error.errors, place) } : {}),
    stack: frames
      .map(frame => cut(frame, MAX_TEXT))
      .join('\n')
      .slice(0, MAX_STACK),
  }
}

function entriesOf(value: object, place: Place): Record<string, unknown> {
  const entries = Object.entries(value).slice(0, MAX_ENTRIES)
  return Object.fromEntries(
    entries.map(([key, inner]) => [line(key), isSecret(key, inner) ? REDACTED : shown(inner, place)]),
  )
}

function isSecret(key: string, value: unknown): boolean {
  return value !== null && value !== undefined && SECRET_NAME.test(key.toLowerCase().replaceAll(/[^a-z]/g, ''))
}

function cut(text: string, max: number): string {
  // Secrets that straddle the cut are still whole in the longer piece.
  const safe = withoutSecrets(text.slice(0, max * 4))
  const kept = visible(safe.slice(0, max).toWellFormed())
  return text.length > max ? `${kept}[cut: ${text.length} characters]` : kept
}

/** Secrets inside other text: JSON Web Tokens, bearer tokens, passwords in addresses. */
function withoutSecrets(text: string): string {
  return text
    .replaceAll(/\beyJ[\w-]{6,}(\.[\w-]*){0,4}/g, REDACTED)
    .replaceAll(/\b(bearer|basic)\s+[^\s"',]+/gi, `$1 ${REDACTED}`)
    .replaceAll(/(:\/\/[^\s/:@]*:)[^\s/@]+@/g, `$1${REDACTED}@`)
}

/** Spells out control characters, line separators and marks that reverse the direction of text. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, character => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
