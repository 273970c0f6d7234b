import { createSecretKey } from 'node:crypto'
import type { CryptoKey, JWSHeaderParameters, KeyObject } from 'jose'
import type { Clock } from '../domain/clock.ts'
import type { Logger } from '../observe/logger.ts'
import { publicKey } from './public-key.ts'
import { createRemoteKeys } from './remote-keys.ts'

/** Where the keys come from that tokens are signed with. */
export type KeyMaterial =
  | { readonly kind: 'secret'; readonly secret: string }
  /** A PEM (SPKI, PKCS #1 or a certificate) or a JWK as JSON. */
  | { readonly kind: 'public-key'; readonly publicKey: string }
  | { readonly kind: 'jwks'; readonly url: string }

/** The keys that a token may be signed with. */
export interface Keys {
  /** The `alg` values that a token may have. They follow from the keys: a token has no say in how it is checked. */
  readonly algorithms: readonly string[]
  /** Those that the token could be signed with by its header; none when no key fits. Rejects with `TokenError` unavailable when the keys cannot be had. */
  find(header: JWSHeaderParameters): Promise<readonly (CryptoKey | KeyObject)[]> | readonly (CryptoKey | KeyObject)[]
  /** Until when a token may be taken for verified by the present keys without asking again. Milliseconds since the epoch. */
  trustedUntil(): number
}

/** HMAC-SHA-256 with a shorter key is weaker than its hash (RFC 7518, section 3.2). */
export const SECRET_MIN_BYTES = 32

export function createKeys(material: KeyMaterial, options: { readonly clock: Clock; readonly logger: Logger }): Keys {
  switch (material.kind) {
    case 'secret':
      return secretKeys(Buffer.from(material.secret))
    case 'public-key': {
      const { key, algorithms } = publicKey(material.publicKey)
      return fixedKeys(key, algorithms)
    }
    case 'jwks':
      return createRemoteKeys({ url: material.url, ...options })
  }
}

/** HS256. Throws a RangeError below 32 bytes. */
export function secretKeys(secret: Uint8Array): Keys {
  if (secret.byteLength < SECRET_MIN_BYTES) throw new RangeError(`a secret needs at least ${SECRET_MIN_BYTES} bytes`)
  return fixedKeys(createSecretKey(secret), ['HS256'])
}

function fixedKeys(key: KeyObject, algorithms: readonly string[]): Keys {
  return { algorithms, find: () => [key], trustedUntil: () => Number.POSITIVE_INFINITY }
}
