import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql'
import { RequestError } from '../domain/errors.ts'

/** How much an answer may still say. */
export interface Allowance {
  /** Throws `exceeded` once too much is said. */
  spend(characters: number): void
  /** What the whole answer is then; undefined while it is short enough. */
  readonly exceeded: RequestError | undefined
}

/** What a value without a length of its own takes: a number, an instant, a position. */
const SMALL = 24

/** `max` in UTF-16 units of what fields give, their names aside. */
export function createAllowance(max: number): Allowance {
  let left = max
  let exceeded: RequestError | undefined
  return {
    spend(characters) {
      left -= characters
      if (left >= 0) return
      exceeded ??= tooLong(max)
      throw exceeded
    },
    get exceeded() {
      return exceeded
    },
  }
}

export function tooLong(max: number): RequestError {
  const message = `The answer could be longer than ${max} characters: ask for smaller pages or fewer fields.`
  return new RequestError('OPERATION_TOO_COMPLEX', message)
}

/**
 * Makes every field that holds a value spend what it says. Neither nodes nor fields bound an answer: a hundred aliases of the words of a hundred
 * messages are a short document, and half a gigabyte.
 */
export function applyAllowance(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) if (isLeafType(getNamedType(field.type))) watch(field)
  }
}

interface Spender {
  readonly allowance: Allowance
}

function watch(field: GraphQLField<unknown, Spender>): void {
  const { resolve = defaultFieldResolver } = field
  const isJson = getNamedType(field.type).name === 'JSON'
  const spend = (value: unknown, { allowance }: Spender) => {
    allowance.spend(isJson ? (JSON.stringify(value)?.length ?? 0) : lengthOf(value))
    return value
  }
  const spendLater = (value: Promise<unknown>, context: Spender) => value.then(known => spend(known, context))
  field.resolve = (source, args, context, info) => {
    const value = resolve(source, args, context, info)
    return value instanceof Promise ? spendLater(value, context) : spend(value, context)
  }
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  return Array.isArray(value) ? value.reduce((sum: number, item) => sum + lengthOf(item), 0) : SMALL
}
