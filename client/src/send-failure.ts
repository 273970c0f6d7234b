import { type Backoff, pauseMs } from './backoff.ts'
import { closeCode, graphqlErrors, mayReconnect, type RequestError } from './endings.ts'

/** A message that was not sent, or of which it is not known: the same input with this `clientMessageId` may be sent again, and makes at most one message. */
export class SendError extends Error {
  override readonly name = 'SendError'
  readonly clientMessageId: string
  /** The server's; empty when the socket was closed for good, which is the cause. */
  readonly errors: readonly RequestError[]

  constructor(clientMessageId: string, errors: readonly RequestError[], cause: unknown) {
    super(errors[0]?.message ?? 'The server refuses the connection.', { cause })
    this.clientMessageId = clientMessageId
    this.errors = errors
  }
}

/**
 * How long to wait until the same may be sent again, in milliseconds; undefined when it would only fail again. What is no GraphQL error is the network's:
 * whether the message was stored is not known then, and a retry finds out.
 */
export function pauseAfter(failure: unknown, failures: number, backoff: Backoff): number | undefined {
  const errors = errorsOf(failure)
  if (errors.length > 0) {
    const pauses = errors.map(error => pauseAfterError(error, failures, backoff))
    return pauses.every(pause => pause !== undefined) ? Math.max(...pauses) : undefined
  }
  if (closeCode(failure) !== undefined && !mayReconnect(failure)) return undefined
  return pauseMs(failures, backoff)
}

/** The GraphQL errors in what an execution gave or threw, be it an answer, an error of Apollo Client or urql, or the list itself. */
export function errorsOf(failure: unknown): readonly RequestError[] {
  if (typeof failure !== 'object' || failure === null) return []
  const list = graphqlErrors(failure)
  if (list !== undefined) return list
  for (const key of ['errors', 'graphQLErrors', 'error']) {
    const within: unknown = Reflect.get(failure, key)
    const errors = key === 'error' ? errorsOf(within) : (graphqlErrors(within) ?? [])
    if (errors.length > 0) return errors
  }
  return []
}

function pauseAfterError({ extensions }: RequestError, failures: number, backoff: Backoff): number | undefined {
  if (extensions?.['code'] === 'UNAVAILABLE') return pauseMs(failures, backoff)
  if (extensions?.['code'] !== 'RATE_LIMITED') return undefined
  const after = extensions['retryAfterMs']
  // Others of the same user wait for the same moment.
  return typeof after === 'number' ? after * (1 + backoff.random() / 10) : pauseMs(failures, backoff)
}
