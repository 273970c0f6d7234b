import type { Rendered } from './rendering.ts'

/** Listeners that an execution serves, by their selection. */
export type Targets<Choice, Listener> = ReadonlyMap<Choice, readonly Listener[]>

/**
 * Executions may run side by side; what they make is delivered to each listener strictly in the order of `push`, in the same turn when nothing is
 * pending. Never throws.
 */
export interface Pipeline<Job, Choice, Listener> {
  push(job: Job, targets: Targets<Choice, Listener>): void
  /** Delivers what the task pushes at its end, or sooner. */
  together(task: () => void): void
  /** Delivers now what can be, also within `together`. */
  flush(): void
  /** Forgets all that is not delivered. */
  clear(): void
}

export interface PipelineOptions<Job, Choice, Listener> {
  /** How many jobs may wait; at one more, all of them are handed to `overflow` and forgotten. */
  readonly limit: number
  /** Neither throws nor rejects. */
  render(job: Job, selection: Choice, listeners: readonly Listener[]): Rendered | Promise<Rendered>
  /** Given what follows one another for the same listeners, each of whom is to get it in that order. */
  deliver(listeners: readonly Listener[], deliveries: readonly Delivery<Job>[]): void
  /** Given the jobs in their order. */
  overflow(jobs: readonly Waiting<Job, Choice, Listener>[]): void
}

export interface Waiting<Job, Choice, Listener> {
  readonly job: Job
  readonly targets: Targets<Choice, Listener>
}

export interface Delivery<Job> {
  readonly job: Job
  readonly rendered: Rendered
}

/** How much is delivered together at most. */
const TOGETHER = 64

interface Entry<Job, Choice, Listener> extends Waiting<Job, Choice, Listener> {
  readonly rendered: Map<Choice, Rendered>
}

export function createPipeline<Job, Choice, Listener>(
  options: PipelineOptions<Job, Choice, Listener>,
): Pipeline<Job, Choice, Listener> {
  let queue: Entry<Job, Choice, Listener>[] = []
  let delivering = false
  let gathering = false

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
      for (let run = readyRun(queue); run.length > 0; run = readyRun(queue)) {
        queue.splice(0, run.length)
        deliver(run)
      }
    } finally {
      delivering = false
    }
  }

  /** To listeners one by one, and not to all of them one by one what is for each: all that belongs to a listener is at hand then. */
  function deliver(run: readonly Entry<Job, Choice, Listener>[]): void {
    for (const [selection, listeners] of run[0]?.targets ?? []) {
      const deliveries: Delivery<Job>[] = []
      for (const { job, rendered } of run) {
        const done = rendered.get(selection)
        if (done !== undefined) deliveries.push({ job, rendered: done })
      }
      options.deliver(listeners, deliveries)
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
      if (!gathering || queue.length >= Math.min(TOGETHER, options.limit)) flush()
    },
    together(task) {
      if (gathering) return task()
      gathering = true
      try {
        task()
      } finally {
        gathering = false
        flush()
      }
    },
    flush,
    clear() {
      queue = []
    },
  }
}

/** The oldest that are ready and go to the same listeners. */
function readyRun<Job, Choice, Listener>(
  queue: readonly Entry<Job, Choice, Listener>[],
): readonly Entry<Job, Choice, Listener>[] {
  const [first] = queue
  if (first === undefined || !isReady(first)) return []
  const end = queue.findIndex(entry => !isReady(entry) || !areAlike(entry.targets, first.targets))
  return queue.slice(0, Math.min(end === -1 ? queue.length : end, TOGETHER))
}

function isReady<Job, Choice, Listener>(entry: Entry<Job, Choice, Listener>): boolean {
  return entry.rendered.size === entry.targets.size
}

function areAlike<Choice, Listener>(some: Targets<Choice, Listener>, others: Targets<Choice, Listener>): boolean {
  if (some.size !== others.size) return false
  for (const [choice, listeners] of some) {
    const same = others.get(choice)
    if (same?.length !== listeners.length || !listeners.every((listener, nth) => listener === same[nth])) return false
  }
  return true
}
