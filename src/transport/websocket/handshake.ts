import { TokenError } from '../../auth/token-error.ts'
import type { Viewer } from '../../domain/viewer.ts'
import type { Logger } from '../../observe/logger.ts'
import { readBearer } from '../bearer.ts'
import type { Authenticate } from '../session.ts'
import { CLOSE, type CloseCode } from './close-codes.ts'

/** How a socket ends that may not open. */
export interface Refused {
  readonly code: CloseCode
  readonly reason: string
}

/** Who sent this connection_init, or why its socket is closed. Never rejects. */
export async function identify(
  authenticate: Authenticate,
  parameters: Readonly<Record<string, unknown>> | undefined,
  logger: Logger,
): Promise<Viewer | Refused> {
  try {
    return await authenticate(readBearer(parameters?.['authorization'] ?? parameters?.['Authorization']))
  } catch (error) {
    if (error instanceof TokenError) return REFUSED[error.reason]
    logger.error({ error }, 'A socket could not be opened')
    return { code: CLOSE.INTERNAL, reason: 'Internal server error' }
  }
}

const REFUSED: Readonly<Record<TokenError['reason'], Refused>> = {
  missing: { code: CLOSE.UNAUTHORIZED, reason: 'A token is required' },
  invalid: { code: CLOSE.UNAUTHORIZED, reason: 'The token is not valid' },
  expired: { code: CLOSE.EXPIRED, reason: 'The token has expired' },
  revoked: { code: CLOSE.EXPIRED, reason: 'The token has been revoked' },
  unavailable: { code: CLOSE.TRY_LATER, reason: 'Tokens cannot be verified now' },
}
