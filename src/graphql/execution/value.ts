import {
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLNullableOutputType,
  type GraphQLOutputType,
  isLeafType,
  isListType,
  isNonNullType,
  locatedError,
} from 'graphql'
import { type At, type Place, pathOf } from './place.ts'
import { addFailure, type Run, unheard } from './run.ts'

/** A value as the response shows it, now or later. Throws, or rejects with, what makes its place null. */
export type Complete = (run: Run, value: unknown, at: At | undefined) => unknown

/** Completes what is known to be no null, of a type that has fields. */
export type Composite = (type: GraphQLNullableOutputType, place: Place) => Complete

/** A place that takes an error: it becomes null by it, or, where it may not be null, hands the error up. */
export interface Settling {
  /** Of a value that is here or will be. */
  readonly settle: Complete
  readonly fail: Complete
}

export function settling(type: GraphQLOutputType, place: Place, composite: Composite): Settling {
  const complete = completing(type, place, composite)
  const required = isNonNullType(type)

  const fail: Complete = (run, error, at) => {
    const path = pathOf(place.step, at)
    const located = locatedError(error, place.nodes, path)
    if (required) throw located
    addFailure(run, located, path)
    return null
  }
  const finish: Complete = (run, value, at) => {
    try {
      const completed = complete(run, value, at)
      return completed instanceof Promise ? caught(completed, run, at) : completed
    } catch (error) {
      return fail(run, error, at)
    }
  }
  // What makes closures is apart from what every value passes.
  const caught = (completed: Promise<unknown>, run: Run, at: At | undefined) =>
    completed.catch(error => fail(run, error, at))
  const later = (value: Promise<unknown>, run: Run, at: At | undefined) =>
    value.then(
      known => (run.ended ? unheard([known]) : finish(run, known, at)),
      error => fail(run, error, at),
    )
  return {
    fail,
    settle: (run, value, at) => (value instanceof Promise ? later(value, run, at) : finish(run, value, at)),
  }
}

function completing(type: GraphQLOutputType, place: Place, composite: Composite): Complete {
  const required = isNonNullType(type)
  const complete = knownCompleting(required ? type.ofType : type, place, composite)
  const { parentType, fieldName } = place.info
  return (run, value, at) => {
    if (value instanceof Error) throw value
    if (value !== null && value !== undefined) return complete(run, value, at)
    if (required) throw new Error(`Cannot return null for non-nullable field ${parentType}.${fieldName}.`)
    return null
  }
}

function knownCompleting(type: GraphQLNullableOutputType, place: Place, composite: Composite): Complete {
  if (isListType(type)) return listCompleting(type.ofType, place, composite)
  if (isLeafType(type)) return (_, value) => leaf(type, value)
  return composite(type, place)
}

function listCompleting(itemType: GraphQLOutputType, place: Place, composite: Composite): Complete {
  const { settle } = settling(itemType, { ...place, step: { prev: place.step, key: undefined } }, composite)
  const { parentType, fieldName } = place.info
  return (run, values, at) => {
    if (!Array.isArray(values)) {
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${parentType}.${fieldName}".`)
    }
    const items: unknown[] = []
    let later = false
    try {
      for (let index = 0; index < values.length; index += 1) {
        const item = settle(run, values[index], { prev: at, index })
        if (item instanceof Promise) later = true
        items.push(item)
      }
    } catch (error) {
      unheard(items)
      unheard(values)
      throw error
    }
    return later ? Promise.all(items) : items
  }
}

function leaf(type: GraphQLLeafType, value: unknown): unknown {
  const coerced = type.coerceOutputValue(value)
  if (coerced === null || coerced === undefined) throw new Error(`No ${type} has this value.`)
  return coerced
}
