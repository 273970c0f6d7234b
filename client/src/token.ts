/**
 * When a JWT expires, in milliseconds since the epoch; undefined when it does not say. Nothing is verified: that is the server's part, and the client only
 * wants to be early.
 */
export function expiryOf(token: string): number | undefined {
  try {
    const payload = token.split('.')[1] ?? ''
    // The bytes of other characters than ASCII come out wrong, and stay within their JSON strings.
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    if (typeof claims !== 'object' || claims === null || !('exp' in claims)) return undefined
    return typeof claims.exp === 'number' ? claims.exp * 1000 : undefined
  } catch {
    return undefined
  }
}

/**
 * Why a token is asked for: to `connect`, because the one in use is `expiring`, or because the server has `refused` it (close code 4403). For the last two, a
 * token that was kept is of no use: get another.
 */
export type TokenReason = 'connect' | 'expiring' | 'refused'

export type GetToken = (reason: TokenReason) => Promise<string> | string
