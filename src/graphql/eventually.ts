/** Applies `then` to a value that is here or will be; what is here stays here, so that executing stays synchronous. */
export function map<From, To>(value: From | Promise<From>, then: (value: From) => To): To | Promise<To> {
  return value instanceof Promise ? value.then(then) : then(value)
}
