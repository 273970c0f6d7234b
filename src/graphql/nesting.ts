/** Above it a client's JSON is refused before anything recursive reads it. */
const MAX_NESTING = 100

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * What makes a client's JSON unsafe to hand on: more than `MAX_NESTING` arrays and objects inside one another, or a key that changes an object's nature when
 * it is copied by assignment. Undefined when it is safe. Does not recurse, so that no input overflows the stack.
 */
export function findNestingFault(value: unknown): string | undefined {
  let level: object[] = isObject(value) ? [value] : []
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === MAX_NESTING) return `More than ${MAX_NESTING} levels of arrays and objects are not allowed.`
    const next: object[] = []
    for (const parent of level) {
      if (!Array.isArray(parent) && Object.keys(parent).some(key => FORBIDDEN_KEYS.has(key))) {
        return 'The keys __proto__, constructor and prototype are not allowed.'
      }
      for (const child of Object.values(parent)) if (isObject(child)) next.push(child)
    }
    level = next
  }
  return undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
