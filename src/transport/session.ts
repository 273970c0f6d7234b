import { TokenError } from '../auth/token-error.ts'
import type { Clock } from '../domain/clock.ts'
import { Refusal, RequestError } from '../domain/errors.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { Session } from '../graphql/engine.ts'
import { createExpiry, type Expiry } from './expiry.ts'

export type Authenticate = (token: string) => Promise<Viewer>

/** Calls back once when the viewer's token is taken back, or was before it was watched. The returned function ends the watch. */
export type WatchToken = (viewer: Viewer, onRevoked: () => void) => () => void

export interface SessionRequest {
  readonly viewer: Viewer
  readonly context: {
    readonly authenticate: Authenticate
    readonly watchToken: WatchToken
    readonly clock: Clock
  }
  readonly holder: Holder
}

/** What ends with the session. */
export interface Holder {
  onExpire(): void
  onRevoked(): void
}

/** An open socket's standing, for as long as its token is good. */
export class OpenSession implements Session {
  readonly #context: SessionRequest['context']
  readonly #holder: Holder
  #viewer: Viewer
  #unwatch: () => void
  /** Null while the token is good for longer than anyone has looked ahead. */
  #expiry: Expiry | null = null
  #aheadMs = 0
  #closed = false

  constructor({ viewer, context, holder }: SessionRequest) {
    this.#viewer = viewer
    this.#context = context
    this.#holder = holder
    this.#unwatch = context.watchToken(viewer, () => holder.onRevoked())
  }

  /** As the newest token says. */
  get viewer(): Viewer {
    return this.#viewer
  }

  /** Sees to an expiry within `aheadMs`. Called at least as often, so that only a session which is about to end has a timer. */
  lookAhead(aheadMs: number): void {
    this.#aheadMs = aheadMs
    const { clock } = this.#context
    const { expiresAt } = this.#viewer
    if (this.#closed || this.#expiry !== null || expiresAt - clock.now() > aheadMs) return
    this.#expiry = createExpiry(clock, expiresAt, () => this.#holder.onExpire())
  }

  async refresh(token: string): Promise<Viewer> {
    const { authenticate, watchToken } = this.#context
    const next = await authenticate(token).catch(refuseToken)
    if (next.tenantId !== this.#viewer.tenantId || next.userId !== this.#viewer.userId) {
      throw new Refusal('FORBIDDEN', 'The token is of another user.', ['input', 'token'])
    }
    this.#viewer = next
    if (this.#closed) return next
    // Either token may be the one that is good for longer.
    if (this.#expiry === null) this.lookAhead(this.#aheadMs)
    else this.#expiry.move(next.expiresAt)
    this.#unwatch()
    this.#unwatch = watchToken(next, () => this.#holder.onRevoked())
    return next
  }

  close(): void {
    this.#closed = true
    this.#expiry?.close()
    this.#unwatch()
  }
}

function refuseToken(error: unknown): never {
  if (!(error instanceof TokenError)) throw error
  if (error.reason === 'unavailable') throw new RequestError('UNAVAILABLE', error.message)
  throw new Refusal('INVALID', error.message, ['input', 'token'])
}
