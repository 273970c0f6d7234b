import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../domain/clock.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Logger } from '../observe/logger.ts'
import { type TokenRules, viewerOf } from './claims.ts'
import { createKeys } from './create-keys.ts'
import type { KeyMaterial } from './keys.ts'
import { signedPayload } from './signature.ts'
import { TokenError } from './token-error.ts'

export interface Authenticator {
  /** Who the token speaks for. Rejects with `TokenError` alone. */
  verify(token: string): Promise<Viewer>
}

export interface AuthenticatorOptions extends TokenRules {
  readonly keys: KeyMaterial
  readonly clock: Clock
  readonly logger: Logger
  /** How many verified tokens are remembered; the one unused for longest goes. Default 10,000, about 5 MB. */
  readonly cacheSize?: number
}

/** A token that was verified, for as long as that may be believed. */
interface Verified {
  readonly viewer: Viewer
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** Throws a RangeError or a TypeError when the key material is none. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { clock } = options
  const keys = createKeys(options.keys, options)
  // By hash, so that the memory holds no tokens.
  const verified = new LRUCache<string, Verified>({ max: options.cacheSize ?? 10_000 })

  return {
    async verify(token) {
      const key = hash('sha256', token, 'base64url')
      const known = verified.get(key)
      if (known !== undefined) {
        if (clock.now() >= known.viewer.expiresAt) throw new TokenError('expired')
        if (clock.now() < known.until) return known.viewer
      }
      // Asked before, not after: the keys may be fetched anew while a token is checked with those that were there.
      const until = keys.trustedUntil()
      const payload = await signedPayload(token, keys)
      const viewer = viewerOf(payload, options, clock.now())
      verified.set(key, { viewer, until })
      return viewer
    },
  }
}
