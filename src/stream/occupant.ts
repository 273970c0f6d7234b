import type { RequestError } from '../domain/errors.ts'
import type { Sink, Subscription } from './sink.ts'

/**
 * `opening`: its promise is not yet handed over, nothing may be written. `catching`: it is being written what it lacks. `waiting`: for its
 * socket to drain, or for a pause to end. `joined`: it has all, and is written what comes. `closed`: nothing more.
 */
export type OccupantState = 'opening' | 'catching' | 'waiting' | 'joined' | 'closed'

/** One open operation in a room. A class, for there are very many and each method is to exist once. */
export abstract class Occupant implements Subscription {
  readonly sink: Sink
  #state: OccupantState = 'opening'
  #ending: RequestError | null = null

  constructor(sink: Sink) {
    this.sink = sink
  }

  /** Takes it out of its room and stops its timers. Called once. */
  protected abstract left(): void

  is(state: OccupantState): boolean {
    return this.#state === state
  }

  /** Changes the state, unless it is closed. */
  become(state: OccupantState): void {
    if (this.#state !== 'closed') this.#state = state
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.left()
  }

  /** Ends the operation from this side. While it is opening, the opener hears of it by `ending`. */
  end(error?: RequestError): void {
    if (this.#state === 'closed') return
    const opening = this.#state === 'opening'
    this.close()
    if (opening) this.#ending = error ?? null
    else this.sink.end(error)
  }

  /** Why it was ended while it was opening. */
  ending(): RequestError | null {
    return this.#ending
  }

  /** The promise has been handed over: goes on to `catching`, or ends with what came in between. Returns whether it may be written to. */
  begin(): boolean {
    if (this.#state === 'opening') this.#state = 'catching'
    else if (this.#ending !== null) this.sink.end(this.#ending)
    return this.#state === 'catching'
  }
}
