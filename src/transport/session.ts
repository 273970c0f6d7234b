import { TokenError } from '../auth/token-error.ts'
import type { Clock } from '../domain/clock.ts'
import { Refusal, RequestError } from '../domain/errors.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Session } from '../graphql/engine.ts'
import { createExpiry } from './expiry.ts'

export type Authenticate = (token: string) => Promise<Viewer>

/** An open socket's standing, for as long as its token is good. */
export interface OpenSession extends Session {
  /** As the newest token says. */
  readonly viewer: Viewer
  close(): void
}

export interface SessionRequest {
  readonly viewer: Viewer
  readonly authenticate: Authenticate
  readonly clock: Clock
  readonly onExpire: () => void
}

export function createSession({ viewer: first, authenticate, clock, onExpire }: SessionRequest): OpenSession {
  let viewer = first
  const expiry = createExpiry(clock, viewer.expiresAt, onExpire)

  return {
    get viewer() {
      return viewer
    },
    async refresh(token) {
      const next = await authenticate(token).catch(refuseToken)
      if (next.tenantId !== viewer.tenantId || next.userId !== viewer.userId) {
        throw new Refusal('FORBIDDEN', 'The token is of another user.', ['input', 'token'])
      }
      viewer = next
      expiry.move(next.expiresAt)
      return next
    },
    close: () => expiry.close(),
  }
}

function refuseToken(error: unknown): never {
  if (!(error instanceof TokenError)) throw error
  if (error.reason === 'unavailable') throw new RequestError('UNAVAILABLE', error.message)
  throw new Refusal('INVALID', error.message, ['input', 'token'])
}
