import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'

/** A signed token (HS256) for development, tests and whoever shares the secret. `now` is in milliseconds since the epoch. */
export function mintToken(options: {
  readonly secret: string
  readonly tenantId: string
  readonly userId: string
  readonly name?: string | undefined
  readonly roles?: readonly string[] | undefined
  readonly ttlSeconds: number
  readonly now: number
  /** The `jti`; absent, one that nobody else has. */
  readonly tokenId?: string | undefined
  readonly tenantClaim: string
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
}): Promise<string> {
  const iat = Math.floor(options.now / 1000)
  const claims = {
    sub: options.userId,
    [options.tenantClaim]: options.tenantId,
    iat,
    jti: options.tokenId ?? randomUUID(),
    exp: iat + options.ttlSeconds,
    name: options.name,
    roles: options.roles,
    iss: options.issuer,
    aud: options.audience,
  }
  const said = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
  return new SignJWT(said).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(options.secret))
}
