import type { Clock } from '../../domain/clock.ts'

/** Nothing waits longer than this for Redis, which takes less than one. */
const ANSWER_MS = 500

/**
 * What Redis answers; rejects when that takes too long. An answer that has arrived by then counts, also one that is still to be read: it is not the
 * fault of Redis when this process stood still.
 */
export function inTime<Answer>(clock: Clock, answer: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const tooLate = () => reject(new Error(`Redis has not answered within ${ANSWER_MS} ms`))
    // Timers come first in a turn of the event loop, then what has arrived, then this.
    const cancel = clock.after(ANSWER_MS, () => setImmediate(() => setImmediate(tooLate)))
    answer.then(resolve, reject).finally(cancel)
  })
}
