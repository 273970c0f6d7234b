import { RequestError } from '../domain/errors.ts'
import { UnavailableError } from '../store/database/database.ts'
import { REVOKED_REASON } from './reasons.ts'

/** What the rooms say when they refuse or end an operation. No text names an id. */

export const noConversation = () => new RequestError('NOT_FOUND', 'No such conversation.')
export const revoked = () => new RequestError('ACCESS_REVOKED', REVOKED_REASON)
export const tooManySelections = (limit: number) =>
  new RequestError('TOO_MANY_SELECTIONS', `At most ${limit} different documents may be open here.`)
export const unavailable = (cause?: unknown) =>
  new RequestError('UNAVAILABLE', 'Not available now. Try again.', {}, { cause })

/** A failed read as the opener is to see it: a database that is away is UNAVAILABLE, anything else is itself. */
export function refusalOf(error: unknown): unknown {
  return error instanceof UnavailableError ? unavailable(error) : error
}
