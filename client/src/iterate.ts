import type { FormattedExecutionResult, Sink } from 'graphql-ws/client'

/** The results of an operation one by one. What has not been taken waits, without a bound; leaving the loop leaves the operation. */
export function iterate<Data, Extensions>(
  subscribe: (sink: Sink<FormattedExecutionResult<Data, Extensions>>) => () => void,
): AsyncIterableIterator<FormattedExecutionResult<Data, Extensions>> {
  type Result = FormattedExecutionResult<Data, Extensions>
  const results: Result[] = []
  let ended: { readonly error?: unknown } | undefined
  let wake = () => {}

  const leave = subscribe({
    next(result) {
      results.push(result)
      wake()
    },
    error(error) {
      ended ??= { error }
      wake()
    },
    complete() {
      ended ??= {}
      wake()
    },
  })

  const woken = () =>
    new Promise<void>(resolve => {
      wake = resolve
    })

  async function* take(): AsyncGenerator<Result, undefined> {
    for (;;) {
      const [result] = results.splice(0, 1)
      if (result !== undefined) yield result
      else if (ended === undefined) await woken()
      else if ('error' in ended) throw ended.error
      else return undefined
    }
  }

  const taking = take()
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => taking.next(),
    async return() {
      // A generator is asked only once what it waits for has come: here that is the end.
      results.length = 0
      leave()
      return { done: true, value: undefined }
    },
    async throw(error) {
      ended ??= { error }
      leave()
      return { done: true, value: undefined }
    },
  }
}
