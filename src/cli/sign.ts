import { mintToken } from '../auth/mint-token.ts'
import type { Config } from '../config.ts'

/** Whom a token is for, and for how long. */
export interface Bearer {
  readonly tenantId: string
  readonly userId: string
  readonly name?: string | undefined
  readonly roles?: readonly string[] | undefined
  readonly ttlSeconds: number
}

/** A token as the server of this configuration wants it. */
export function sign({ tokens }: Config, secret: string, bearer: Bearer, now: number): Promise<string> {
  const { tenantClaim, issuer, audience } = tokens
  return mintToken({ ...bearer, secret, now, tenantClaim, issuer, audience })
}
