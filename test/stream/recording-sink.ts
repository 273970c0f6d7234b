import type { RequestError } from '../../src/domain/errors.ts'
import type { Payload } from '../../src/stream/selection.ts'
import type { Sink } from '../../src/stream/sink.ts'

/** A sink that keeps what it is given and holds the stream to the port's contract: what breaks it is in `faults`. */
export interface RecordingSink extends Sink {
  readonly written: readonly string[]
  readonly ends: readonly (RequestError | undefined)[]
  readonly faults: readonly string[]
  /** How many more results it takes until its socket is over the mark. */
  room: number
  /** Makes room and calls back whoever waits. */
  drain(room?: number): void
  /** From now on anything written is a fault. */
  shut(): void
}

export function createRecordingSink(userId: string, room = Number.POSITIVE_INFINITY): RecordingSink {
  const written: string[] = []
  const ends: (RequestError | undefined)[] = []
  const faults: string[] = []
  let waiting: (() => void) | undefined
  let isShut = false

  return {
    userId,
    written,
    ends,
    faults,
    room,
    write({ json }: Payload) {
      if (this.room <= 0) faults.push(`${json} was written above the mark`)
      if (isShut) faults.push(`${json} was written after the end`)
      written.push(json)
      this.room--
      return this.room > 0
    },
    onDrain(resume) {
      if (waiting !== undefined) faults.push('onDrain was called while it was waiting')
      if (this.room > 0) resume()
      else waiting = resume
    },
    end(error) {
      if (isShut) faults.push('ended after the end')
      isShut = true
      ends.push(error)
    },
    drain(amount = Number.POSITIVE_INFINITY) {
      this.room = amount
      const resume = waiting
      waiting = undefined
      resume?.()
    },
    shut() {
      isShut = true
    },
  }
}
