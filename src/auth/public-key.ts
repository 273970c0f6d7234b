import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'

export interface PublicKey {
  readonly key: KeyObject
  /** The signature algorithms that the key can check. */
  readonly algorithms: readonly string[]
}

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const RSA_MIN_BITS = 2048
const CURVES: Readonly<Record<string, readonly string[]>> = {
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
}

/**
 * Reads a public key from a PEM (`\n` may stand for line breaks, as it does in many environment files) or from a JWK. Throws a TypeError, which
 * repeats nothing of the text, when it is neither, is a private key, is not for signatures, or is of a kind or size that is not taken.
 */
export function publicKey(text: string): PublicKey {
  const jwk = text.trimStart().startsWith('{') ? parseJwk(text) : undefined
  if (jwk === undefined && text.includes('PRIVATE KEY')) throw new TypeError('this is a private key')
  const key = imported(jwk === undefined ? text.replaceAll('\\n', '\n') : { key: jwk, format: 'jwk' })
  const possible = algorithmsOf(key)
  const named = jwk?.['alg']
  const algorithms = named === undefined ? possible : possible.filter(algorithm => algorithm === named)
  if (algorithms.length === 0) throw new TypeError('no supported signature algorithm goes with this key')
  return { key, algorithms }
}

function parseJwk(text: string): JsonWebKey {
  let jwk: unknown
  try {
    jwk = JSON.parse(text)
  } catch {
    throw new TypeError('this is neither a PEM nor a JWK')
  }
  if (!isJwk(jwk)) throw new TypeError('this is not a JWK')
  const { use, key_ops, d, kty } = jwk
  if (d !== undefined || kty === 'oct') throw new TypeError('this is not a public key')
  if (use !== undefined && use !== 'sig') throw new TypeError('this key is not for signatures')
  if (key_ops !== undefined && !(Array.isArray(key_ops) && key_ops.includes('verify'))) {
    throw new TypeError('this key is not for verifying')
  }
  return jwk
}

function isJwk(value: unknown): value is JsonWebKey {
  return typeof value === 'object' && value !== null && 'kty' in value && typeof value.kty === 'string'
}

function imported(source: Parameters<typeof createPublicKey>[0]): KeyObject {
  try {
    return createPublicKey(source)
  } catch {
    throw new TypeError('this is no public key that can be read')
  }
}

function algorithmsOf(key: KeyObject): readonly string[] {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'rsa':
      if (modulusLength < RSA_MIN_BITS) throw new TypeError(`an RSA key needs at least ${RSA_MIN_BITS} bits`)
      return RSA
    case 'ec':
      return CURVES[namedCurve] ?? []
    case 'ed25519':
      return ['EdDSA', 'Ed25519']
    default:
      return []
  }
}
