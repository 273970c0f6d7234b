import { TokenError } from '../auth/token-error.ts'
import type { Clock } from '../domain/clock.ts'
import { Refusal, RequestError } from '../domain/errors.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Session } from '../graphql/engine.ts'
import { createExpiry } from './expiry.ts'

export type Authenticate = (token: string) => Promise<Viewer>

/** Calls back once when the viewer's token is taken back, or was before it was watched. The returned function ends the watch. */
export type WatchToken = (viewer: Viewer, onRevoked: () => void) => () => void

/** An open socket's standing, for as long as its token is good. */
export interface OpenSession extends Session {
  /** As the newest token says. */
  readonly viewer: Viewer
  close(): void
}

export interface SessionRequest {
  readonly viewer: Viewer
  readonly authenticate: Authenticate
  readonly watchToken: WatchToken
  readonly clock: Clock
  readonly onExpire: () => void
  readonly onRevoked: () => void
}

export function createSession(request: SessionRequest): OpenSession {
  const { authenticate, watchToken, clock, onExpire, onRevoked } = request
  let { viewer } = request
  let unwatch = watchToken(viewer, onRevoked)
  let closed = false
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
      if (closed) return next
      expiry.move(next.expiresAt)
      unwatch()
      unwatch = watchToken(next, onRevoked)
      return next
    },
    close() {
      closed = true
      expiry.close()
      unwatch()
    },
  }
}

function refuseToken(error: unknown): never {
  if (!(error instanceof TokenError)) throw error
  if (error.reason === 'unavailable') throw new RequestError('UNAVAILABLE', error.message)
  throw new Refusal('INVALID', error.message, ['input', 'token'])
}
