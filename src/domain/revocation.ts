import { CLOCK_TOLERANCE_MS } from './clock.ts'
import type { Viewer } from './viewer.ts'

/** What an admin takes back: every token that a user has been issued by then, or the one token that has this `jti`. */
export interface RevocationTarget {
  readonly scope: 'user' | 'token'
  readonly id: string
}

export interface Revocation extends RevocationTarget {
  readonly at: Date
}

export interface RevocationRecord extends Revocation {
  /** Its place among the tenant's revocations. */
  readonly revocationPosition: number
  /** Random, as an event's: tells it from another one that has the same place in another history. */
  readonly mark: bigint
}

/** Whatever could take the viewer's token back. */
export function targetsOf({ userId, tokenId }: Viewer): readonly RevocationTarget[] {
  const user = { scope: 'user', id: userId } as const
  return tokenId === null ? [user] : [user, { scope: 'token', id: tokenId }]
}

/**
 * Whether the token that the viewer came with is taken back. One that does not say when it was issued counts as issued before anything. `iat` is the
 * issuer's word: a clock that is ahead says of a token of before that it is of after, so one that may be of before is taken too.
 */
export function takesBack({ scope, id, at }: Revocation, { userId, tokenId, issuedAt }: Viewer): boolean {
  if (scope === 'token') return id === tokenId
  return id === userId && (issuedAt === null || issuedAt <= at.getTime() + CLOCK_TOLERANCE_MS)
}
