import { TokenError } from '../auth/token-error.ts'

/** The token of `Bearer …`; throws a `TokenError` when there is none. */
export function readBearer(value: unknown): string {
  const token = typeof value === 'string' ? /^Bearer +(\S+)$/i.exec(value)?.[1] : undefined
  if (token === undefined) throw new TokenError('missing')
  return token
}
