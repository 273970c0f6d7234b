import { type Context, MessageType, stringifyMessage } from 'graphql-ws'
import type { RequestError } from '../../domain/errors.ts'
import type { Engine } from '../../graphql/engine.ts'
import type { Payload } from '../../stream/selection.ts'
import type { Subscription } from '../../stream/sink.ts'
import { HeldSink, type Outlet } from '../held-sink.ts'
import { type Outbound, resultOpening } from './outbound.ts'

/** One operation, from its subscribe message until nothing of it is left. */
export class Operation {
  readonly id: string
  /** The client has left it and may have given its id to another. */
  abandoned = false

  constructor(id: string) {
    this.id = id
  }

  abandon(): void {
    this.abandoned = true
  }
}

/** What the subscriptions of a socket share. */
export interface Socketed {
  readonly engine: Pick<Engine, 'mask'>
  readonly outbound: Outbound
  forget(operation: Operation): void
}

/** Where graphql-ws keeps the operations of a socket, by their ids. */
export type Register = Pick<Context, 'subscriptions'>

/**
 * A subscription. To graphql-ws it is the stream that an id stands for, which it ends when the client completes it or leaves; it has no results there, for
 * they go around graphql-ws.
 */
export class LiveOperation extends Operation implements Outlet, AsyncIterable<never> {
  readonly sink: HeldSink
  readonly #socket: Socketed
  readonly #opening: Uint8Array
  #subscription: Subscription | null = null
  #register: Register | null = null

  constructor(id: string, userId: string, socket: Socketed) {
    super(id)
    this.#socket = socket
    this.#opening = resultOpening(id)
    this.sink = new HeldSink(userId, this)
  }

  /** The stream is open. One that the client has left meanwhile is closed at once. */
  opened(subscription: Subscription): void {
    this.#subscription = subscription
    if (this.abandoned) this.#close(subscription)
  }

  /** graphql-ws knows the operation: the client hears of it from now on. */
  start(register: Register): void {
    this.#register = register
    register.subscriptions[this.id] = this
    this.sink.release()
  }

  override abandon(): void {
    super.abandon()
    this.sink.close()
    if (this.#subscription !== null) this.#close(this.#subscription)
  }

  write(payload: Payload): boolean {
    return this.#socket.outbound.next(this.#opening, payload)
  }

  onDrain(resume: () => void): void {
    this.#socket.outbound.onDrain(resume)
  }

  end(error?: RequestError): void {
    const { id } = this
    const { engine, outbound } = this.#socket
    this.#socket.forget(this)
    if (this.#register?.subscriptions[id] === this) delete this.#register.subscriptions[id]
    if (error === undefined) outbound.send(stringifyMessage<MessageType.Complete>({ id, type: MessageType.Complete }))
    else {
      const payload = [engine.mask(error).toJSON()]
      outbound.send(stringifyMessage<MessageType.Error>({ id, type: MessageType.Error, payload }))
    }
  }

  async return(): Promise<IteratorResult<never>> {
    this.abandon()
    return ENDED
  }

  [Symbol.asyncIterator](): AsyncIterator<never> {
    return { next: () => this.return() }
  }

  #close(subscription: Subscription): void {
    subscription.close()
    this.#socket.forget(this)
  }
}

const ENDED: IteratorReturnResult<undefined> = { done: true, value: undefined }
