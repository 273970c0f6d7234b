import type { Rendered } from './rendering.ts'

/** Listeners that an execution serves, by their selection. */
export type Targets<Choice, Listener> = ReadonlyMap<Choice, readonly Listener[]>

/**
 * Executions may run side by side; what they make is delivered strictly in the order of `push`, in the same turn when nothing is pending. Never
 * throws.
 */
export interface Pipeline<Job, Choice, Listener> {
  push(job: Job, targets: Targets<Choice, Listener>): void
  /** Forgets all that is not delivered. */
  clear(): void
}

export interface PipelineOptions<Job, Choice, Listener> {
  /** How many jobs may wait; at one more, all of them are handed to `overflow` and forgotten. */
  readonly limit: number
  /** Neither throws nor rejects. */
  render(job: Job, selection: Choice, listeners: readonly Listener[]): Rendered | Promise<Rendered>
  deliver(job: Job, listeners: readonly Listener[], rendered: Rendered): void
  /** Given the jobs in their order. */
  overflow(jobs: readonly Waiting<Job, Choice, Listener>[]): void
}

export interface Waiting<Job, Choice, Listener> {
  readonly job: Job
  readonly targets: Targets<Choice, Listener>
}

interface Entry<Job, Choice, Listener> extends Waiting<Job, Choice, Listener> {
  readonly rendered: Map<Choice, Rendered>
}

export function createPipeline<Job, Choice, Listener>(
  options: PipelineOptions<Job, Choice, Listener>,
): Pipeline<Job, Choice, Listener> {
  let queue: Entry<Job, Choice, Listener>[] = []
  let delivering = false

  function start(entry: Entry<Job, Choice, Listener>): void {
    for (const [selection, listeners] of entry.targets) {
      const rendered = options.render(entry.job, selection, listeners)
      if (rendered instanceof Promise) {
        void rendered.then(done => {
          entry.rendered.set(selection, done)
          flush()
        })
      } else entry.rendered.set(selection, rendered)
    }
  }

  /** A delivery may push: what it pushes waits for its own place in this loop. */
  function flush(): void {
    if (delivering) return
    delivering = true
    try {
      for (let entry = queue[0]; entry !== undefined && isReady(entry); entry = queue[0]) {
        queue.shift()
        for (const [selection, rendered] of entry.rendered) {
          options.deliver(entry.job, entry.targets.get(selection) ?? [], rendered)
        }
      }
    } finally {
      delivering = false
    }
  }

  return {
    push(job, targets) {
      if (queue.length >= options.limit) {
        const waiting = [...queue, { job, targets }]
        queue = []
        options.overflow(waiting)
        return
      }
      const entry = { job, targets, rendered: new Map<Choice, Rendered>() }
      queue.push(entry)
      start(entry)
      flush()
    },
    clear() {
      queue = []
    },
  }
}

function isReady<Job, Choice, Listener>(entry: Entry<Job, Choice, Listener>): boolean {
  return entry.rendered.size === entry.targets.size
}
