import type { Clock } from '../../domain/clock.ts'
import { UnavailableError } from './database.ts'

export interface EntranceOptions {
  readonly clock: Clock
  /** How many may be in at once. */
  readonly places: number
  /** How many may wait; beyond, callers are refused. */
  readonly most: number
  /** Milliseconds that whoever waits bears it that nobody is served. */
  readonly stallMs: number
  /** Milliseconds that anyone waits at most. */
  readonly longestMs: number
}

/** Lets in so many at once, all others in the order of their coming. A crowd waits as long as the line moves on, and no longer when it stands. */
export interface Entrance {
  /** Whether anyone waits. */
  readonly crowded: boolean
  /**
   * Undefined: there is a place, and it is the caller's until `leave`. Else resolves when there is one, or rejects with `UnavailableError`: too many
   * wait, nobody was served for too long, or it was refused.
   */
  enter(): Promise<void> | undefined
  /** Gives the place to who has waited longest. */
  leave(outcome: { readonly served: boolean }): void
  /** Refuses all who wait. */
  refuse(error: UnavailableError): void
}

interface Waiting {
  readonly since: number
  readonly letIn: () => void
  readonly refuse: (error: UnavailableError) => void
}

/** How often the line is looked at, as a part of `stallMs`. */
const LOOKS = 10

export function createEntrance({ clock, places, most, stallMs, longestMs }: EntranceOptions): Entrance {
  const line = new Set<Waiting>()
  let free = places
  let lastServed = clock.now()
  let cancelLook: (() => void) | undefined

  function look(): void {
    cancelLook = undefined
    const now = clock.now()
    for (const waiting of line) {
      const stands = now - Math.max(lastServed, waiting.since) >= stallMs
      if (!stands && now - waiting.since < longestMs) break
      line.delete(waiting)
      waiting.refuse(new UnavailableError('no database connection was free in time'))
    }
    lookLater()
  }

  function lookLater(): void {
    if (line.size > 0) cancelLook ??= clock.after(stallMs / LOOKS, look)
  }

  function rest(): void {
    cancelLook?.()
    cancelLook = undefined
  }

  return {
    get crowded() {
      return line.size > 0
    },
    enter() {
      if (free > 0) {
        free--
        return undefined
      }
      if (line.size >= most) return Promise.reject(new UnavailableError('too many callers wait for the database'))
      return new Promise((letIn, refuse) => {
        line.add({ since: clock.now(), letIn, refuse })
        lookLater()
      })
    },
    leave({ served }) {
      if (served) lastServed = clock.now()
      const [next] = line
      if (next === undefined) {
        free++
        return
      }
      line.delete(next)
      next.letIn()
      if (line.size === 0) rest()
    },
    refuse(error) {
      for (const waiting of line) waiting.refuse(error)
      line.clear()
      rest()
    },
  }
}
