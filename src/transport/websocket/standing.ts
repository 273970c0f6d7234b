import type { Viewer } from '../../domain/viewer.ts'
import type { Caller } from '../../graphql/engine.ts'
import { createSession, type OpenSession } from '../session.ts'
import { CLOSE, type CloseCode } from './close-codes.ts'
import type { ConnectionContext } from './connection-context.ts'

/** What a socket is, once it has said who it is. */
export interface Standing {
  /** Whether the viewer may have this socket; it has been closed when not. */
  open(viewer: Viewer): boolean
  /** Who calls over it. Throws when nobody is known to. */
  caller(): Caller
  /** `clean`: the client said goodbye. */
  close(clean: boolean): void
}

export interface StandingRequest {
  readonly context: Pick<
    ConnectionContext,
    'authenticate' | 'watchToken' | 'clock' | 'options' | 'perUser' | 'presence' | 'turnEnd'
  >
  readonly id: string
  readonly hangUp: (code: CloseCode, reason: string) => void
  readonly onKnown: () => void
}

export function createStanding({ context, id, hangUp, onKnown }: StandingRequest): Standing {
  const { authenticate, watchToken, clock, options, perUser, presence, turnEnd } = context
  let session: OpenSession | undefined

  return {
    open(viewer) {
      if (!perUser.take(viewer)) {
        // A stock client does not come back after 4429: one that did would only be refused again, for ever.
        hangUp(CLOSE.TOO_MANY, `More than ${options.maxSocketsPerUser} sockets of one user`)
        return false
      }
      const onExpire = () => hangUp(CLOSE.EXPIRED, 'The token has expired')
      // Who takes the own token back, over this socket, hears the answer first.
      const onRevoked = () => turnEnd.add(() => hangUp(CLOSE.EXPIRED, 'The token has been revoked'))
      session = createSession({ viewer, authenticate, watchToken, clock, onExpire, onRevoked })
      presence.onConnect(viewer, id)
      onKnown()
      return true
    },
    caller() {
      if (session === undefined) throw new Error('An operation began on a socket that is not known.')
      return { viewer: session.viewer, session }
    },
    close(clean) {
      if (session === undefined) return
      session.close()
      perUser.release(session.viewer)
      presence.onDisconnect(session.viewer, id, clean)
    },
  }
}
