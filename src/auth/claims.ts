import { CLOCK_TOLERANCE_MS } from '../domain/clock.ts'
import { checkText } from '../domain/text.ts'
import type { Viewer } from '../domain/viewer.ts'
import { TokenError } from './token-error.ts'

/** What a token must say beside its signature. */
export interface TokenRules {
  /** The claim that names the tenant. */
  readonly tenantClaim: string
  /** What `iss` must be; absent: anything. */
  readonly issuer?: string | undefined
  /** What `aud` must be or contain; absent: anything. */
  readonly audience?: string | undefined
  /** How far ahead of now, and of `iat`, `exp` may lie: a token that never ends cannot be taken back. */
  readonly maxLifetimeSeconds: number
}

const ID_MAX = 255
const URL_MAX = 2048

type Claims = Readonly<Record<string, unknown>>

/**
 * The viewer in a verified payload. `now` is in milliseconds since the epoch. Throws `TokenError`: invalid, or expired when nothing else is
 * wrong. A name, picture or role that cannot be used is left out.
 */
export function viewerOf(payload: Uint8Array, rules: TokenRules, now: number): Viewer {
  const claims = parse(payload)
  checkParties(claims, rules)
  const viewer = {
    tenantId: id(claims, rules.tenantClaim),
    userId: id(claims, 'sub'),
    name: isLine(claims['name'], ID_MAX) ? claims['name'] : null,
    avatarUrl: webAddress(claims['picture']),
    roles: Object.freeze(rolesIn(claims['roles'])),
    expiresAt: expiry(claims, rules.maxLifetimeSeconds, now),
    issuedAt: typeof claims['iat'] === 'number' ? claims['iat'] * 1000 : null,
    tokenId: claims['jti'] === undefined ? null : id(claims, 'jti'),
  }
  if (viewer.expiresAt <= now) throw new TokenError('expired')
  return Object.freeze(viewer)
}

function parse(payload: Uint8Array): Claims {
  try {
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
    if (typeof claims === 'object' && claims !== null) return { ...claims }
  } catch {
    // It is refused below, as everything is that is no object.
  }
  throw new TokenError('invalid')
}

function checkParties(claims: Claims, { issuer, audience }: TokenRules): void {
  if (issuer !== undefined && claims['iss'] !== issuer) throw new TokenError('invalid')
  const { aud } = claims
  const isFor = audience === undefined || aud === audience || (Array.isArray(aud) && aud.includes(audience))
  if (!isFor) throw new TokenError('invalid')
}

/** Milliseconds since the epoch. Checks `nbf` and `iat` too, for which the issuer's clock may be ahead of ours; for `exp` there is no such grace. */
function expiry(claims: Claims, maxLifetimeSeconds: number, now: number): number {
  const { exp, nbf, iat } = claims
  const latestStart = (now + CLOCK_TOLERANCE_MS) / 1000
  for (const start of [nbf, iat]) {
    if (start !== undefined && !(typeof start === 'number' && start <= latestStart)) throw new TokenError('invalid')
  }
  if (typeof exp !== 'number' || exp > now / 1000 + maxLifetimeSeconds) throw new TokenError('invalid')
  // One that were to become good only later would outlive the memory of having been revoked.
  if (typeof iat === 'number' && exp > iat + maxLifetimeSeconds) throw new TokenError('invalid')
  return Math.floor(exp * 1000)
}

function id(claims: Claims, claim: string): string {
  const value = claims[claim]
  if (!isLine(value, ID_MAX)) throw new TokenError('invalid')
  return value
}

/** Whether it is text that fits on one line and that every store can carry. */
function isLine(value: unknown, max: number): value is string {
  if (typeof value !== 'string') return false
  try {
    checkText(value, { max, field: [], controls: 'refuse' })
    return true
  } catch {
    return false
  }
}

/** Pages show it as an image: no `javascript:` or `data:`. */
function webAddress(value: unknown): string | null {
  if (!isLine(value, URL_MAX)) return null
  const url = URL.parse(value)
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : null
}

function rolesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(role => isLine(role, ID_MAX)) : []
}
