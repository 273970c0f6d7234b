import type { Clock } from '../domain/clock.ts'

/** Notices a client that has more to read and takes nothing of it. */
export interface StallWatch {
  /** Something waits for the client: watches until nothing does. */
  begin(): void
  /** The client has taken something. */
  progress(): void
  /** Nothing waits any more, or nothing is to be noticed. */
  end(): void
}

/** How often within the time it looks: so much later than due it may notice. */
const LOOKS = 4

/** Calls `onStall` once for each time that nothing was taken for `stallMs` milliseconds. */
export function createStallWatch(clock: Clock, stallMs: number, onStall: () => void): StallWatch {
  let since = 0
  let cancel: (() => void) | undefined

  function look(): void {
    if (clock.now() - since >= stallMs) {
      cancel = undefined
      onStall()
    } else cancel = clock.after(Math.ceil(stallMs / LOOKS), look)
  }

  return {
    begin() {
      if (cancel !== undefined) return
      since = clock.now()
      look()
    },
    progress() {
      since = clock.now()
    },
    end() {
      cancel?.()
      cancel = undefined
    },
  }
}
