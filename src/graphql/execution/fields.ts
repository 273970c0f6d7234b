import type { At } from './place.ts'
import { type Run, unheard } from './run.ts'

export type Data = Record<string, unknown>

/** What is selected of an object of one type. */
export interface Fields {
  /** Every key of the response in its place, with what is known without executing. */
  readonly template: Readonly<Data>
  readonly executed: readonly Field[]
}

export interface Field {
  readonly key: string
  /** Throws, or rejects with, what makes the object null. */
  execute(run: Run, source: unknown, at: At | undefined): unknown
}

interface Pending {
  readonly key: string
  readonly value: Promise<unknown>
}

/** All of them side by side. What fails first fails all, and nobody hears of the others. */
export function executeFields(
  { template, executed }: Fields,
  run: Run,
  source: unknown,
  at: At | undefined,
): Data | Promise<Data> {
  const data = copyOf(template)
  let pending: Pending[] | undefined
  try {
    for (const field of executed) {
      const value = field.execute(run, source, at)
      if (value instanceof Promise) {
        pending ??= []
        pending.push({ key: field.key, value })
      } else data[field.key] = value
    }
  } catch (error) {
    if (pending !== undefined) unheard(pending.map(({ value }) => value))
    throw error
  }
  return pending === undefined ? data : filled(data, pending)
}

/** Each whole before the next begins. */
export function executeInTurn({ template, executed }: Fields, run: Run, source: unknown): Data | Promise<Data> {
  const data = copyOf(template)
  // An array's iterator goes on where a loop over it was left.
  const rest = executed.values()
  const next = (): Data | Promise<Data> => {
    for (const field of rest) {
      const value = field.execute(run, source, undefined)
      if (value instanceof Promise) {
        return value.then(known => {
          data[field.key] = known
          return next()
        })
      }
      data[field.key] = value
    }
    return data
  }
  return next()
}

/** A key of the template is set and not inherited, whatever it is called. */
function copyOf(template: Readonly<Data>): Data {
  return { ...template }
}

function filled(data: Data, pending: readonly Pending[]): Data | Promise<Data> {
  const [only, ...others] = pending
  if (only === undefined) return data
  if (others.length === 0) {
    return only.value.then(known => {
      data[only.key] = known
      return data
    })
  }
  return Promise.all(pending.map(({ value }) => value)).then(values => {
    for (const [n, { key }] of pending.entries()) data[key] = values[n]
    return data
  })
}
