/** Where time comes from, so that a test can move it. Milliseconds throughout. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Runs `task` once, `delayMs` from now; the returned function cancels it and may be called twice. */
  after(delayMs: number, task: () => void): () => void
}

/** How far ahead of ours the clock of another machine is borne with. Milliseconds. */
export const CLOCK_TOLERANCE_MS = 5_000

/** The machine's own clock. Its timers never keep a process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs)
    timer.unref()
    // Of an unref'd timer Node keeps the list of its duration until it would have run, be it in days; of any other it goes at once.
    return () => clearTimeout(timer.ref())
  },
}
