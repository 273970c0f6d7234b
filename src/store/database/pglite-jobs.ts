import { setImmediate } from 'node:timers/promises'
import type { Job } from './pglite-messages.ts'

/** Reads that may go before a waiting write, and jobs between two looks at what else has arrived. */
const READS_IN_A_ROW = 8
const JOBS_IN_A_ROW = 16

/**
 * The order of the work. Writes keep their order and reads theirs; between the two, one write follows at most eight reads and one read follows every
 * write, so that neither waits for all of the other. Everything else waits for what came before it.
 */
export function createJobQueue() {
  const writes: Job[] = []
  const reads: Job[] = []
  let readsInARow = 0
  let busy = false

  function next(): Job | undefined {
    const readFirst = writes.length === 0 || (reads.length > 0 && readsInARow < READS_IN_A_ROW)
    const head = writes[0]
    if (!readFirst && head !== undefined && head.work.kind !== 'commit' && reads.length > 0) return reads.shift()
    const job = readFirst ? reads.shift() : writes.shift()
    readsInARow = readFirst ? readsInARow + 1 : 0
    return job
  }

  return {
    /** Returns whether nobody works on the queue yet: the caller then has to. */
    add(job: Job): boolean {
      const queue = job.work.kind === 'read' ? reads : writes
      queue.push(job)
      return !busy
    },
    /** The jobs, until none is left. */
    async *[Symbol.asyncIterator](): AsyncGenerator<Job> {
      busy = true
      let inARow = 0
      for (let job = next(); job !== undefined; job = next()) {
        yield job
        inARow += 1
        // Lets messages in: the database never gives the thread away.
        if (inARow % JOBS_IN_A_ROW === 0) await setImmediate()
      }
      busy = false
    },
  }
}
