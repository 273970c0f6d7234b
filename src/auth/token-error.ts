/**
 * `missing` and `invalid`: come back with another token. `expired` and `revoked`: with a fresh one. `unavailable`: what the token is judged by cannot
 * be had now, so try again.
 */
type TokenErrorReason = 'missing' | 'invalid' | 'expired' | 'revoked' | 'unavailable'

const MESSAGES: Record<TokenErrorReason, string> = {
  missing: 'A token is required.',
  invalid: 'The token is not valid.',
  expired: 'The token has expired.',
  revoked: 'The token has been revoked.',
  unavailable: 'Tokens cannot be verified now. Try again.',
}

/** Why a token was refused. The message says no more than the reason, so that it helps no forger; the cause is for the log alone. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
  readonly reason: TokenErrorReason

  constructor(reason: TokenErrorReason, options?: ErrorOptions) {
    super(MESSAGES[reason], options)
    this.reason = reason
  }
}
