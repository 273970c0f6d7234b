import type { RequestError } from '../../domain/errors.ts'
import type { Engine } from '../../graphql/engine.ts'
import type { Payload } from '../../stream/selection.ts'
import type { Subscription } from '../../stream/sink.ts'
import { HeldSink, type Outlet } from '../held-sink.ts'
import { completeMessage, errorMessage } from './answer.ts'
import { ENDED, Operation, type Register } from './operation.ts'
import { type Outbound, resultOpening } from './outbound.ts'

/** What the subscriptions of a socket share. */
export interface Socketed {
  readonly engine: Pick<Engine, 'mask'>
  readonly outbound: Outbound
  /** A subscription has ended. Called once for each. */
  onEnded(): void
}

/** A subscription. graphql-ws ends it, as a stream, when the client completes it or leaves. */
export class LiveOperation extends Operation implements Outlet {
  readonly sink: HeldSink
  /** The client has left it and may have given its id to another. */
  abandoned = false
  readonly #socket: Socketed
  readonly #opening: Uint8Array
  #subscription: Subscription | null = null

  constructor(id: string, register: Register, userId: string, socket: Socketed) {
    super(id, register)
    this.#socket = socket
    this.#opening = resultOpening(id)
    this.sink = new HeldSink(userId, this)
  }

  /** The stream is open: the client hears of it from now on. One that the client has left meanwhile is closed at once. */
  opened(subscription: Subscription): void {
    if (this.abandoned) {
      this.#close(subscription)
      return
    }
    this.#subscription = subscription
    this.sink.release()
  }

  write(payload: Payload): boolean {
    return this.#socket.outbound.next(this.#opening, payload)
  }

  onDrain(resume: () => void): void {
    this.#socket.outbound.onDrain(resume)
  }

  end(error?: RequestError): void {
    const { engine, outbound } = this.#socket
    this.leave()
    this.#socket.onEnded()
    outbound.send(error === undefined ? completeMessage(this.id) : errorMessage(this.id, [engine.mask(error)]))
  }

  /** Called by graphql-ws, which has taken it out of its register: so at most once, and never after the end. */
  async return(): Promise<IteratorResult<never>> {
    this.abandoned = true
    this.sink.close()
    if (this.#subscription !== null) this.#close(this.#subscription)
    return ENDED
  }

  #close(subscription: Subscription): void {
    subscription.close()
    this.#socket.onEnded()
  }
}
