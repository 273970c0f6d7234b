import type { RequestError } from '../domain/errors.ts'
import type { Payload } from '../stream/selection.ts'
import type { Sink } from '../stream/sink.ts'

/** The bytes' side of one subscription: what a transport does with its results. */
export interface Outlet {
  write(payload: Payload): boolean
  onDrain(resume: () => void): void
  end(error?: RequestError): void
}

/** What came while its transport was not ready. */
interface Held {
  readonly payloads: Payload[]
  resume: (() => void) | undefined
  ending: { readonly error?: RequestError } | undefined
}

/**
 * A sink that holds everything until its transport is ready for the operation. The stream may write as soon as it is open, which is before the
 * transport has even learnt that it opened. While held, the sink says that it is above its mark, so that it holds one payload and not a queue. A class, for there is
 * one for each subscription.
 */
export class HeldSink implements Sink {
  readonly userId: string
  readonly #outlet: Outlet
  #open = false
  /** Null from `release` or `close` on. */
  #held: Held | null = { payloads: [], resume: undefined, ending: undefined }

  constructor(userId: string, outlet: Outlet) {
    this.userId = userId
    this.#outlet = outlet
  }

  write(payload: Payload): boolean {
    if (this.#open) return this.#outlet.write(payload)
    if (this.#held !== null && this.#held.ending === undefined) this.#held.payloads.push(payload)
    return false
  }

  onDrain(resume: () => void): void {
    if (this.#open) this.#outlet.onDrain(() => this.#open && resume())
    else if (this.#held !== null) this.#held.resume = resume
  }

  end(error?: RequestError): void {
    if (this.#open) this.#finish(error)
    else if (this.#held !== null) this.#held.ending ??= error === undefined ? {} : { error }
  }

  /** The client may hear of the operation from now on: what was held goes out. */
  release(): void {
    const held = this.#held
    if (held === null) return
    this.#held = null
    this.#open = true
    for (const payload of held.payloads) this.#outlet.write(payload)
    if (held.ending !== undefined) this.#finish(held.ending.error)
    else if (held.resume !== undefined) this.onDrain(held.resume)
  }

  /** The client has left: nothing goes out any more. */
  close(): void {
    this.#open = false
    this.#held = null
  }

  #finish(error?: RequestError): void {
    this.#open = false
    this.#outlet.end(error)
  }
}
