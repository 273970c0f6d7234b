import type { CryptoKey, JWSHeaderParameters, KeyObject } from 'jose'

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
