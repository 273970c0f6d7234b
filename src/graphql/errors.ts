import { GraphQLError, type GraphQLErrorOptions } from 'graphql'
import { REQUEST_ERROR_CODES, Refusal, RequestError, type RequestErrorCode } from '../domain/errors.ts'
import type { Logger } from '../observe/logger.ts'
import { UnavailableError } from '../store/database/database.ts'

/** Turns any thrown thing into the error that a client may see. */
export type Mask = (error: unknown) => GraphQLError

type Place = Pick<GraphQLErrorOptions, 'path' | 'nodes' | 'source' | 'positions'>

const INTERNAL = 'Internal server error'
const UNAVAILABLE = 'The server cannot do this at the moment. Try again.'

/** graphql-js prints the value at fault, however large. */
const MAX_MESSAGE = 300

/** graphql-js says so when a variable that may be null stands where a null may not. */
const ARGUMENT_FAULT = /^Argument ".*?" has invalid value/

/** A masked error holds no cause and no stack of the inside. What is not meant for clients is logged whole and shown as INTERNAL_SERVER_ERROR. */
export function createMask(logger: Logger): Mask {
  return error => {
    const place = error instanceof GraphQLError ? placeOf(error) : {}
    const cause = rootCause(error)
    const known = knownError(cause)
    if (known !== undefined) return requestError(known, place)
    logger.error({ error: cause, path: place.path }, 'a request met an unexpected error')
    return requestError(new RequestError('INTERNAL_SERVER_ERROR', INTERNAL), place)
  }
}

/** The error as GraphQL says it. */
export function requestError(error: RequestError, place: Place = {}): GraphQLError {
  return new GraphQLError(error.message, { ...place, extensions: { code: error.code, ...error.details } })
}

/** A masked error as ports below GraphQL say it. */
export function toRequestError(masked: GraphQLError): RequestError {
  return new RequestError(codeOf(masked) ?? 'INTERNAL_SERVER_ERROR', masked.message, masked.extensions)
}

/** A GraphQL error of the request itself, under `code` unless it names one; `message`, where given, stands in for its own. */
export function recoded(error: GraphQLError, code: RequestErrorCode, message?: string): GraphQLError {
  const own = codeOf(error)
  const text = message ?? error.message.slice(0, MAX_MESSAGE)
  return requestError(new RequestError(own ?? code, text), placeOf(error))
}

/** A variable that does not fit its type; in production without a word of either. */
export function badVariable(error: GraphQLError, production: boolean): GraphQLError {
  return recoded(error, 'BAD_USER_INPUT', production ? 'A variable does not fit its type.' : undefined)
}

function knownError(cause: unknown): RequestError | undefined {
  if (cause instanceof RequestError) return cause
  if (cause instanceof Refusal) return new RequestError(topLevelCode(cause), cause.message)
  if (cause instanceof UnavailableError) return new RequestError('UNAVAILABLE', UNAVAILABLE)
  if (!(cause instanceof GraphQLError)) return undefined
  const code = codeOf(cause)
  if (code !== undefined) return new RequestError(code, cause.message, cause.extensions)
  return ARGUMENT_FAULT.test(cause.message)
    ? new RequestError('BAD_USER_INPUT', 'An argument does not fit its type.')
    : undefined
}

/** A refusal outside a mutation's payload: most of its codes are a mutation's alone. */
function topLevelCode({ code }: Refusal): RequestErrorCode {
  return isRequestErrorCode(code) ? code : 'BAD_USER_INPUT'
}

function codeOf(error: GraphQLError): RequestErrorCode | undefined {
  const code = error.extensions['code']
  return isRequestErrorCode(code) ? code : undefined
}

function isRequestErrorCode(code: unknown): code is RequestErrorCode {
  return typeof code === 'string' && Object.hasOwn(REQUEST_ERROR_CODES, code)
}

function rootCause(error: unknown): unknown {
  let cause = error
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError
  return cause
}

function placeOf({ path, nodes, source, positions }: GraphQLError): Place {
  return nodes === undefined ? { path, source, positions } : { path, nodes }
}

/** The same error anew: transports write into the errors that they are given. */
export function copyOf(error: GraphQLError): GraphQLError {
  return new GraphQLError(error.message, { ...placeOf(error), extensions: { ...error.extensions } })
}
