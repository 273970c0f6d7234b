import type { Context } from 'graphql-ws'

/** Where graphql-ws keeps the operations of a socket, by their ids. Another takes the place of `subscriptions` when the socket closes. */
export type Register = Pick<Context, 'subscriptions'>

/**
 * One operation, under an id that graphql-ws has let pass: from then on graphql-ws knows it as the stream that its id stands for. It has no results there, for they
 * go around graphql-ws.
 */
export class Operation implements AsyncIterable<never> {
  readonly id: string
  readonly #register: Register

  constructor(id: string, register: Register) {
    this.id = id
    this.#register = register
    register.subscriptions[id] = this
  }

  /** Gives its id back. Returns whether it still had it: a client that leaves an operation may give its id to another. */
  leave(): boolean {
    const { subscriptions } = this.#register
    if (subscriptions[this.id] !== this) return false
    delete subscriptions[this.id]
    return true
  }

  [Symbol.asyncIterator](): AsyncIterator<never> {
    return { next: async () => ENDED }
  }
}

export const ENDED: IteratorReturnResult<undefined> = { done: true, value: undefined }
