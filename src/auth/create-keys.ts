import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Clock } from '../domain/clock.ts'
import type { Logger } from '../observe/logger.ts'
import { type KeyMaterial, type Keys, SECRET_MIN_BYTES } from './keys.ts'
import { publicKey } from './public-key.ts'
import { createRemoteKeys } from './remote-keys.ts'

/** Throws a RangeError or a TypeError when the material is no key. */
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
