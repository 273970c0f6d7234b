import type { RequestError } from '../domain/errors.ts'
import type { Payload } from './selection.ts'

/**
 * The receiving end of one subscription operation, made by a transport. The stream writes; the transport owns the bytes, the operation's id and
 * its lifecycle.
 */
export interface Sink {
  /** Who listens. */
  readonly userId: string
  /** Takes one result; returns whether the socket is still below its mark. After `false` the stream writes no more until `onDrain` calls back. */
  write(payload: Payload): boolean
  /** Calls `resume` once, as soon as the socket is below its mark; at once when it is already. */
  onDrain(resume: () => void): void
  /** Ends the operation: with `complete`, or with an `error` frame for its id. The socket goes on. At most once. */
  end(error?: RequestError): void
}

/** An open subscription. `close` is the client's leaving: idempotent, and nothing is written after it. */
export interface Subscription {
  close(): void
}
