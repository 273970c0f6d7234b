import {
  type CryptoKey,
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWKSCacheInput,
  type JWSHeaderParameters,
  jwksCache,
} from 'jose'
import type { Clock } from '../domain/clock.ts'
import type { Logger } from '../observe/logger.ts'
import type { Keys } from './keys.ts'
import { TokenError } from './token-error.ts'

/** At most one fetch in so long, however many unknown keys the tokens name and whether it succeeds or fails. */
const COOLDOWN_MS = 30_000
/** The set is fetched anew in the background once it is so old: when its server goes down, what is left serves for at least 5 minutes. */
const REFRESH_AFTER_MS = 300_000
/** An older set is not believed: a key that was taken out of it is refused by then. */
const MAX_AGE_MS = 600_000
const TIMEOUT_MS = 5_000

/** Whatever an identity provider signs with, but no HMAC: a public key must never serve as a secret. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

/** The keys of a JSON Web Key Set (RFC 7517) at a URL, cached. A key that is new in the set is found by the first token that names it. */
export function createRemoteKeys(options: {
  readonly url: string
  readonly clock: Clock
  readonly logger: Logger
}): Keys {
  const { clock, logger } = options
  const cached: JWKSCacheInput & { uat?: number } = {}
  const keySet = createRemoteJWKSet(new URL(options.url), {
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: MAX_AGE_MS,
    timeoutDuration: TIMEOUT_MS,
    [jwksCache]: cached,
    [customFetch]: throttled(fetch, clock),
  })
  const fetchedAt = () => cached.uat ?? Number.NEGATIVE_INFINITY

  let quietUntil = Number.NEGATIVE_INFINITY
  function warn(error: unknown): void {
    if (clock.now() < quietUntil) return
    quietUntil = clock.now() + COOLDOWN_MS
    logger.warn({ error }, 'the key set cannot be had')
  }

  return {
    algorithms: ALGORITHMS,
    async find(header) {
      if (keySet.fresh && clock.now() > fetchedAt() + REFRESH_AFTER_MS) keySet.reload().catch(warn)
      try {
        return await matching(keySet, header)
      } catch (error) {
        warn(error)
        throw new TokenError('unavailable', { cause: error })
      }
    },
    trustedUntil: () => fetchedAt() + MAX_AGE_MS,
  }
}

/** None for an unknown `kid`; all of the right type for a token without one. */
async function matching(
  keySet: ReturnType<typeof createRemoteJWKSet>,
  header: JWSHeaderParameters,
): Promise<readonly CryptoKey[]> {
  try {
    return [await keySet(header)]
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return []
    if (error instanceof errors.JWKSMultipleMatchingKeys) return await all(error)
    throw error
  }
}

async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

/** jose's own cooldown counts from the last success: while the server is down, every token would ask it. */
function throttled(fetchKeys: FetchImplementation, clock: Clock): FetchImplementation {
  let allowedAt = Number.NEGATIVE_INFINITY
  return async (url, init) => {
    if (clock.now() < allowedAt) throw new Error('the last fetch was a moment ago')
    allowedAt = clock.now() + COOLDOWN_MS
    return await fetchKeys(url, init)
  }
}
