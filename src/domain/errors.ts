/** Refusals of a rule or of the state of things: data in `userErrors`. The codes are the contract's `ErrorCode`. */
export type RefusalCode =
  | 'NOT_FOUND'
  | 'FORBIDDEN'
  | 'INVALID'
  | 'TOO_LONG'
  | 'CONFLICT'
  | 'IDEMPOTENCY_CONFLICT'
  | 'DELETED'
  | 'ARCHIVED'
  | 'LIMIT_REACHED'
  | 'NO_SESSION'

/** "Not this, because of a rule." Thrown by a service, translated in one place: a mutation's `userErrors`, a subscription's `error` frame. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RefusalCode
  /** The path of the input field at fault, from the argument down: `['input', 'content']`. */
  readonly field: readonly string[] | null

  constructor(code: RefusalCode, message: string, field: readonly string[] | null = null) {
    super(message)
    this.code = code
    this.field = field
  }
}

/** Every top-level error code of the contract that a request can meet, with the HTTP status it has when nothing was executed. */
export const REQUEST_ERROR_CODES = {
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  BAD_USER_INPUT: 400,
  OPERATION_TOO_COMPLEX: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 200,
  TOO_MANY_SUBSCRIPTIONS: 429,
  TOO_MANY_SELECTIONS: 429,
  NOT_FOUND: 404,
  ACCESS_REVOKED: 403,
  UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
} as const

export type RequestErrorCode = keyof typeof REQUEST_ERROR_CODES

/** "This request cannot be served": a top-level GraphQL error with `extensions.code`. Its message is shown to the client as it stands. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: RequestErrorCode
  /** What stands beside the code in `extensions`. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: RequestErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.code = code
    this.details = details
  }
}
