import type { Clock } from '../../domain/clock.ts'

/** Runs tasks at the end of the current turn of the event loop, or soon after it, all of them from one timer. */
export interface TurnEnd {
  add(task: Due): void
}

export interface Due {
  endTurn(): void
}

export interface TurnEndOptions {
  readonly clock: Clock
  /** Whether something is under way that is about to give more to write. */
  readonly moreComes: () => boolean
}

/**
 * A task is a write, and a write is a system call, whatever it carries: a thousand take some 6 ms. What the next commit brings for the same sockets costs
 * little more when it goes with them, so that many tasks wait for it: at most for about as long as they would take.
 */
const WAIT_MS_PER_TASK = 0.004
const MANY = 256
const LONGEST_MS = 5
/** When what came was for half as many other sockets, the tasks of the next so many times do not wait; then it is tried again. */
const NO_WAITS = 64

export function createTurnEnd({ clock, moreComes }: TurnEndOptions): TurnEnd {
  let tasks: Due[] = []
  let scheduled = false
  let cancelWait: (() => void) | undefined
  let yielded = false
  /** How many tasks the wait began with. */
  let waiting = 0
  let noWaits = 0

  const run = () => {
    if (cancelWait !== undefined) {
      cancelWait()
      cancelWait = undefined
      if (tasks.length > waiting * 1.5) noWaits = NO_WAITS
    } else if (noWaits > 0) noWaits--
    yielded = false
    const due = tasks
    tasks = []
    for (const task of due) task.endTurn()
  }

  /** Much that is about to be committed is sent to the database in this turn, before anything is written: it works meanwhile. */
  const yieldOnce = () => {
    if (yielded) return run()
    yielded = true
    schedule()
  }

  const wait = () => {
    if (cancelWait !== undefined) return
    if (noWaits > 0) return yieldOnce()
    waiting = tasks.length
    cancelWait = clock.after(Math.min(Math.ceil(waiting * WAIT_MS_PER_TASK), LONGEST_MS), run)
  }

  const schedule = () => {
    scheduled = true
    setImmediate(end)
  }

  const end = () => {
    scheduled = false
    if (!moreComes()) run()
    else if (tasks.length < MANY) yieldOnce()
    else wait()
  }

  return {
    add(task) {
      tasks.push(task)
      if (!scheduled) schedule()
    },
  }
}
