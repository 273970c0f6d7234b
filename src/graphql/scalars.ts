import { type ConstValueNode, GraphQLError, GraphQLScalarType, Kind } from 'graphql'
import type { Json } from '../domain/json.ts'
import { type Cursor, decodeCursor, encodeCursor } from '../domain/position.ts'
import { findNestingFault } from './nesting.ts'

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/

/** A Date inside, RFC 3339 in UTC with milliseconds outside. */
export const dateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  coerceOutputValue(value) {
    if (value instanceof Date) return value.toISOString()
    throw new TypeError('A DateTime must be a Date.')
  },
  coerceInputValue: toDate,
  coerceInputLiteral: node => toDate(node.kind === Kind.STRING ? node.value : undefined),
})

/** Any JSON value that `findNestingFault` finds harmless. */
export const json = new GraphQLScalarType<Json, Json>({
  name: 'JSON',
  coerceOutputValue: value => value as Json,
  coerceInputValue: toJson,
  coerceInputLiteral: node => toJson(fromLiteral(node)),
})

/** A `Cursor` inside, its opaque text outside. */
export const position = new GraphQLScalarType<Cursor, string>({
  name: 'Position',
  coerceOutputValue(value) {
    if (isCursor(value)) return encodeCursor(value)
    throw new TypeError('A Position must be a Cursor.')
  },
  coerceInputValue: toCursor,
  coerceInputLiteral: node => toCursor(node.kind === Kind.STRING ? node.value : undefined),
})

/** The text's cursor; throws BAD_USER_INPUT when there is none in it. */
export function toCursor(value: unknown): Cursor {
  const cursor = typeof value === 'string' ? decodeCursor(value) : undefined
  if (cursor === undefined) throw badInput('This is no position.')
  return cursor
}

function toDate(value: unknown): Date {
  const date = typeof value === 'string' && INSTANT.test(value) ? new Date(value) : undefined
  if (date === undefined || Number.isNaN(date.getTime())) throw badInput('This is no RFC 3339 instant.')
  return date
}

function toJson(value: unknown): Json {
  const fault = findNestingFault(value)
  if (fault !== undefined) throw badInput(fault)
  return value as Json
}

function fromLiteral(node: ConstValueNode): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value)
    case Kind.LIST:
      return node.values.map(fromLiteral)
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(field => [field.name.value, fromLiteral(field.value)]))
    default:
      return node.value
  }
}

export function isCursor(value: unknown): value is Cursor {
  return (
    typeof value === 'object' &&
    value !== null &&
    'position' in value &&
    typeof value.position === 'number' &&
    'mark' in value &&
    typeof value.mark === 'bigint'
  )
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}
