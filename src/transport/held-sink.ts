import type { RequestError } from '../domain/errors.ts'
import type { Payload } from '../stream/selection.ts'
import type { Sink } from '../stream/sink.ts'

/** The bytes' side of one subscription: what a transport does with its results. */
export interface Outlet {
  write(payload: Payload): boolean
  onDrain(resume: () => void): void
  end(error?: RequestError): void
}

export interface HeldSink {
  readonly sink: Sink
  /** The client may hear of the operation from now on: what was held goes out. */
  release(): void
  /** The client has left: nothing goes out any more. */
  close(): void
}

/**
 * A sink that holds everything until its transport is ready for the operation. The stream may write as soon as it is open, which is before the
 * transport has even learnt that it opened. While held, the sink says that it is above its mark, so that it holds one payload and not a queue.
 */
export function createHeldSink(userId: string, outlet: Outlet): HeldSink {
  let state: 'held' | 'open' | 'closed' = 'held'
  let held: Payload[] = []
  let resume: (() => void) | undefined
  let ending: { readonly error?: RequestError } | undefined

  const finish = (error?: RequestError) => {
    state = 'closed'
    outlet.end(error)
  }

  const sink: Sink = {
    userId,
    write(payload) {
      if (state === 'open') return outlet.write(payload)
      if (state === 'held' && ending === undefined) held.push(payload)
      return false
    },
    onDrain(callback) {
      if (state === 'open') outlet.onDrain(() => state === 'open' && callback())
      else if (state === 'held') resume = callback
    },
    end(error) {
      if (state === 'open') finish(error)
      else if (state === 'held') ending ??= error === undefined ? {} : { error }
    },
  }

  return {
    sink,
    release() {
      if (state !== 'held') return
      state = 'open'
      for (const payload of held) outlet.write(payload)
      held = []
      if (ending !== undefined) return finish(ending.error)
      if (resume !== undefined) sink.onDrain(resume)
      resume = undefined
    },
    close() {
      state = 'closed'
      held = []
      resume = undefined
    },
  }
}
