/** Who asks: what a verified token says. */
export interface Viewer {
  readonly tenantId: string
  readonly userId: string
  readonly name: string | null
  readonly avatarUrl: string | null
  readonly roles: readonly string[]
  /** Milliseconds since the epoch: when the token's `exp` passes. */
  readonly expiresAt: number
  /** Milliseconds since the epoch: the token's `iat`, where it has one. */
  readonly issuedAt: number | null
  /** The token's `jti`, where it has one. */
  readonly tokenId: string | null
}
