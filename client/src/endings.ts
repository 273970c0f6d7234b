/**
 * What an operation ended with, as graphql-ws hands it to a sink's `error`: the errors of an `error` frame, a close event, an `Event` of the network, or an
 * `Error` of the client itself.
 */
export type Ending = unknown

const EXPIRED = 4403

/** Close codes below 2000 after which the same connection may succeed: the network went, or the server did. */
const PASSING = [1000, 1001, 1005, 1006, 1012, 1013, 1014]
/** Close codes of the protocol that would only be met again: 4401 is a token that is forged or missing, 4400 and 4409 a client that breaks the protocol. */
const FINAL = [4400, 4401, 4406, 4409, 4429, 4500]

/** Whether what was cut off may be opened again. The codes are those after which a stock graphql-ws client comes back. */
export function mayReconnect(ending: Ending): boolean {
  const code = closeCode(ending)
  if (code === undefined) return !(ending instanceof Error)
  return code >= 1000 && code < 2000 ? PASSING.includes(code) : !FINAL.includes(code)
}

/** The server wants another token: that of the socket has expired or was revoked. */
export function wantsToken(ending: Ending): boolean {
  return closeCode(ending) === EXPIRED
}

export function isNormalClosure(ending: Ending): boolean {
  return closeCode(ending) === 1000
}

/** The close code of a WebSocket's end; undefined for anything else. */
export function closeCode(ending: Ending): number | undefined {
  if (typeof ending !== 'object' || ending === null || !('code' in ending)) return undefined
  return typeof ending.code === 'number' ? ending.code : undefined
}

/** A GraphQL error as far as it is looked at here. */
export interface RequestError {
  readonly message: string
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** The server could not look at the operation: nothing of it was done, and the same may succeed in a moment. */
export function isUnavailable(errors: readonly RequestError[]): boolean {
  return errors.length > 0 && errors.every(error => error.extensions?.['code'] === 'UNAVAILABLE')
}

/** The ending as GraphQL errors; undefined when it is no list of them. */
export function graphqlErrors(ending: Ending): readonly RequestError[] | undefined {
  return Array.isArray(ending) && ending.every(isRequestError) ? ending : undefined
}

function isRequestError(value: unknown): value is RequestError {
  return typeof value === 'object' && value !== null && 'message' in value
}
