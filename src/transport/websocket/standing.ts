import type { Viewer } from '../../domain/viewer.ts'
import type { Caller } from '../../graphql/engine.ts'
import { type Holder, OpenSession } from '../session.ts'
import { CLOSE, type CloseCode } from './close-codes.ts'
import type { ConnectionContext } from './connection-context.ts'

export interface StandingRequest {
  readonly context: ConnectionContext
  readonly id: string
  readonly line: Line
}

/** The socket, which can be hung up. */
export interface Line {
  hangUp(code: CloseCode, reason: string): void
  /** It has said who it is. */
  onKnown(): void
}

/** What a socket is, once it has said who it is. */
export class Standing implements Holder {
  readonly #context: ConnectionContext
  readonly #id: string
  readonly #line: Line
  #session: OpenSession | null = null

  constructor({ context, id, line }: StandingRequest) {
    this.#context = context
    this.#id = id
    this.#line = line
  }

  /** Whether the viewer may have this socket; it has been closed when not. */
  open(viewer: Viewer): boolean {
    const context = this.#context
    if (!context.perUser.take(viewer)) {
      // A stock client does not come back after 4429: one that did would only be refused again, for ever.
      this.#line.hangUp(CLOSE.TOO_MANY, `More than ${context.options.maxSocketsPerUser} sockets of one user`)
      return false
    }
    this.#session = new OpenSession({ viewer, context, holder: this })
    this.lookAhead()
    context.presence.onConnect(viewer, this.#id)
    this.#line.onKnown()
    return true
  }

  /** Who calls over it. Throws when nobody is known to. */
  caller(): Caller {
    const session = this.#session
    if (session === null) throw new Error('An operation began on a socket that is not known.')
    return { viewer: session.viewer, session }
  }

  /** Called at every ping: twice the time until the next is more than it can take. */
  lookAhead(): void {
    this.#session?.lookAhead(2 * this.#context.options.pingIntervalMs)
  }

  onExpire(): void {
    this.#line.hangUp(CLOSE.EXPIRED, 'The token has expired')
  }

  /** Who takes the own token back, over this socket, hears the answer first. */
  onRevoked(): void {
    this.#context.turnEnd.add({ endTurn: () => this.#line.hangUp(CLOSE.EXPIRED, 'The token has been revoked') })
  }

  /** `clean`: the client said goodbye. */
  close(clean: boolean): void {
    const session = this.#session
    if (session === null) return
    session.close()
    this.#context.perUser.release(session.viewer)
    this.#context.presence.onDisconnect(session.viewer, this.#id, clean)
  }
}
