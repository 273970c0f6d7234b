import type { Client, FormattedExecutionResult } from 'graphql-ws/client'

/** Of urql: `subscriptionExchange` from `@urql/core`. */
export interface UrqlFunctions<Exchange> {
  readonly subscriptionExchange: (options: { readonly forwardSubscription: ForwardSubscription }) => Exchange
}

type ForwardSubscription = (request: UrqlRequest) => { subscribe(observer: UrqlObserver): { unsubscribe(): void } }

interface UrqlRequest {
  readonly query?: string
  readonly operationName?: string | undefined
  readonly variables?: object | undefined
  readonly extensions?: object | undefined
}

interface UrqlObserver {
  next(result: UrqlResult): void
  error(error: unknown): void
  complete(): void
}

type Data = Record<string, unknown>

interface UrqlResult {
  data: Data | null
  errors?: { message: string; extensions?: Record<string, unknown> }[]
  extensions?: Data
}

/** An exchange that takes the subscriptions; queries and mutations go on to the next exchange. */
export function createUrqlExchange<Exchange>(
  { subscriptionExchange }: UrqlFunctions<Exchange>,
  client: Client,
): Exchange {
  return subscriptionExchange({
    forwardSubscription: request => ({
      subscribe: observer => ({
        unsubscribe: client.subscribe<Data, Data>(payloadOf(request), {
          next: result => observer.next(resultOf(result)),
          error: error => observer.error(error),
          complete: () => observer.complete(),
        }),
      }),
    }),
  })
}

function payloadOf({ query = '', operationName, variables, extensions }: UrqlRequest) {
  return { query, operationName, variables: { ...variables }, extensions: extensions && { ...extensions } }
}

function resultOf({ data = null, errors, extensions }: FormattedExecutionResult<Data, Data>): UrqlResult {
  return { data, ...(errors && { errors: errors.map(error => ({ ...error })) }), ...(extensions && { extensions }) }
}
