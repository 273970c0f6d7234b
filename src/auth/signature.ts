import { type CompactJWSHeaderParameters, compactVerify, decodeProtectedHeader } from 'jose'
import { TOKEN_MAX_LENGTH } from './bearer.ts'
import type { Keys } from './keys.ts'
import { TokenError } from './token-error.ts'

/**
 * The payload of a compact JWS (RFC 7515) that one of the keys signed. Of the header only `alg` and `kid` are heeded, and they only choose among
 * the keys: `jku`, `x5u` and `jwk` bring none in. Rejects with `TokenError`: missing, invalid, unavailable.
 */
export async function signedPayload(token: string, keys: Keys): Promise<Uint8Array> {
  if (token === '') throw new TokenError('missing')
  const header = headerOf(token, keys.algorithms)
  for (const key of await keys.find(header)) {
    try {
      return (await compactVerify(token, key, { algorithms: [...keys.algorithms] })).payload
    } catch {
      // Not signed with this key, or not well-formed: the next key may fit, and else the token is invalid.
    }
  }
  throw new TokenError('invalid')
}

/** As much of the header as chooses a key. */
function headerOf(token: string, algorithms: readonly string[]): CompactJWSHeaderParameters {
  const { alg, kid, crit } = unverifiedHeader(token)
  // We understand no extension, so one that must be understood refuses the token (RFC 7515, section 4.1.11).
  if (alg === undefined || !algorithms.includes(alg) || crit !== undefined) throw new TokenError('invalid')
  return kid === undefined ? { alg } : { alg, kid }
}

function unverifiedHeader(token: string): ReturnType<typeof decodeProtectedHeader> {
  if (token.length > TOKEN_MAX_LENGTH || !token.split('.').every(isBase64url)) throw new TokenError('invalid')
  try {
    return decodeProtectedHeader(token)
  } catch (error) {
    throw new TokenError('invalid', { cause: error })
  }
}

/** jose skips white space and unused bits, so that one signature would go with many spellings of a token (RFC 4648, sections 3.3 and 3.5). */
function isBase64url(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part
}
