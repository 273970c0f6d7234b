/** The most characters that a token may have. */
export const TOKEN_MAX_LENGTH = 8192

// b64token of RFC 6750, section 2.1.
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/** The token of an `Authorization` value, `Bearer …` with the scheme in any case; undefined when it is none, or above 8 KB. */
export function bearer(header: unknown): string | undefined {
  if (typeof header !== 'string' || header.length > TOKEN_MAX_LENGTH + 'Bearer '.length) return undefined
  return BEARER.exec(header)?.[1]
}
