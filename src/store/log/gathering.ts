import type { Clock } from '../../domain/clock.ts'

/**
 * Few who send again as soon as they are answered fall into two groups, one of which is committed while the other is answered: twice as many transactions as
 * they need. So the few who wait are held for those who were just answered, so many milliseconds at most.
 */
const LONGEST_MS = 2
/** Where not half of those came again, nobody is held for so many times. */
const PAUSE = 64

export interface GatheringOptions {
  readonly clock: Clock
  /** So many commands wait for nobody. To answer so many takes longer than anyone is held. */
  readonly few: number
  /** How many commands wait. */
  readonly waiting: () => number
  /** Its time is over. */
  readonly onEnd: () => void
}

export interface Gathering {
  /** So many commands are about to be answered. */
  begin(answered: number): void
  /** Whether nothing leaves, because not enough wait yet. */
  holds(): boolean
  /** Whether it has begun and was not ended. */
  isOn(): boolean
  end(): void
}

export function createGathering({ clock, few, waiting, onEnd }: GatheringOptions): Gathering {
  let on: { readonly wanted: number; readonly cancel: () => void } | undefined
  let pause = 0

  return {
    begin(answered) {
      const before = waiting()
      if (on !== undefined || answered >= few || before === 0 || before >= few) return
      if (pause > 0) {
        pause--
        return
      }
      const cancel = clock.after(LONGEST_MS, () => {
        on = undefined
        if (waiting() - before < answered / 2) pause = PAUSE
        onEnd()
      })
      on = { wanted: Math.min(before + answered, few), cancel }
    },
    holds: () => on !== undefined && waiting() < on.wanted,
    isOn: () => on !== undefined,
    end() {
      on?.cancel()
      on = undefined
    },
  }
}
