import type { GraphQLError, ValidatedExecutionArgs } from 'graphql'

export type Variables = ValidatedExecutionArgs['variableValues']

/** One execution of a plan. */
export interface Run {
  readonly context: unknown
  readonly variables: Variables
  failures: Failures | undefined
  /** The response is made: what comes later is not gone on with. */
  ended: boolean
}

/** The errors of the response, and the paths that became null by them. */
export interface Failures {
  readonly errors: GraphQLError[]
  readonly nulled: Set<string>
}

type Path = readonly (string | number)[]

export function createRun(context: unknown, variables: Variables): Run {
  return { context, variables, failures: undefined, ended: false }
}

/** The path is null by this error, which is told unless an earlier one has made something above it null. */
export function addFailure(run: Run, error: GraphQLError, path: Path): void {
  run.failures ??= { errors: [], nulled: new Set() }
  const { errors, nulled } = run.failures
  if (nulled.size > 0 && path.some((_, length) => nulled.has(keyOf(path.slice(0, length))))) return
  if (nulled.has(keyOf(path))) return
  nulled.add(keyOf(path))
  errors.push(error)
}

/** A name holds no dot and begins with no digit: no two paths have the same key. */
function keyOf(path: Path): string {
  return path.join('.')
}

/** Nobody waits for these any more, so nobody hears when they fail. */
export function unheard(values: readonly unknown[]): void {
  for (const value of values) {
    if (value instanceof Promise) value.catch(() => {})
    else if (Array.isArray(value)) unheard(value)
  }
}
