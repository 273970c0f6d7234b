import { bearer } from '../auth/bearer.ts'
import { TokenError } from '../auth/token-error.ts'

/** The token of `Bearer …`; throws a `TokenError` when there is none. */
export function readBearer(value: unknown): string {
  const token = bearer(value)
  if (token === undefined) throw new TokenError('missing')
  return token
}
