import type { Clock } from '../../domain/clock.ts'

/** The channels that Redis would not give. It is asked for them again after pauses that grow: asked at once, it would refuse at once, and for ever. */
export interface Refused {
  readonly any: boolean
  add(channel: string): void
  /** It was given after all, or is not wanted any more. */
  delete(channel: string): void
  stop(): void
}

export interface RefusedOptions {
  readonly clock: Clock
  /** Asks for these again; those that are refused once more are added once more. */
  retry(channels: readonly string[]): void
  /** Hears of every change of `any`. */
  changed(): void
}

const FIRST_PAUSE_MS = 200
const MAX_PAUSE_MS = 5000
/** When for so long nothing was refused, the pauses begin anew. */
const FORGIVEN_AFTER_MS = 10_000

export function createRefused({ clock, retry, changed }: RefusedOptions): Refused {
  const channels = new Set<string>()
  let pause = FIRST_PAUSE_MS
  let noneSince = clock.now()
  let cancel: (() => void) | undefined

  function again(): void {
    cancel = undefined
    retry([...channels])
  }

  return {
    get any() {
      return channels.size > 0
    },
    add(channel) {
      const isFirst = channels.size === 0
      channels.add(channel)
      if (isFirst && clock.now() - noneSince >= FORGIVEN_AFTER_MS) pause = FIRST_PAUSE_MS
      if (cancel === undefined) {
        cancel = clock.after(pause, again)
        pause = Math.min(pause * 2, MAX_PAUSE_MS)
      }
      if (isFirst) changed()
    },
    delete(channel) {
      if (!channels.delete(channel) || channels.size > 0) return
      noneSince = clock.now()
      cancel?.()
      cancel = undefined
      changed()
    },
    stop() {
      channels.clear()
      cancel?.()
    },
  }
}
