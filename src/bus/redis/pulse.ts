import type { Clock } from '../../domain/clock.ts'

/** Knows whether the other end answers. An open connection says nothing of that. */
export interface Pulse {
  /** Whether the last beat was answered and nothing has failed since. */
  readonly alive: boolean
  /** Beats now, ahead of time. */
  beat(): void
  /** Something failed: it counts as dead until a later beat is answered. */
  falter(): void
  stop(): void
}

export interface PulseOptions {
  readonly clock: Clock
  /** Asks the other end for a sign of life. Rejects when none comes in time. */
  ask(): Promise<unknown>
  /** Dead for so long that the connection should be made anew. */
  renew(): void
  /** Hears of every change of `alive`. */
  changed(alive: boolean): void
}

/** How long an idle connection may be mute unnoticed: this, and how long a beat waits for its answer. */
const BEAT_MS = 1000
const BEAT_WHILE_DEAD_MS = 200
/** A connection that has been mute for so long is given up. */
const RENEW_AFTER_MS = 2000

/** Begins dead, with a beat at once. */
export function createPulse({ clock, ask, renew, changed }: PulseOptions): Pulse {
  let alive = false
  let stopped = false
  let asking = false
  let again = false
  let faltered = false
  let deadSince = clock.now()
  let cancel = () => {}

  function set(next: boolean): void {
    if (alive === next || stopped) return
    alive = next
    deadSince = clock.now()
    changed(alive)
  }

  async function beat(): Promise<void> {
    if (stopped) return
    if (asking) {
      again = true
      return
    }
    asking = true
    again = false
    faltered = false
    cancel()
    const answered = await ask().then(
      () => true,
      () => false,
    )
    asking = false
    settle(answered && !faltered)
  }

  function settle(answered: boolean): void {
    if (stopped) return
    set(answered)
    if (!alive && clock.now() - deadSince >= RENEW_AFTER_MS) {
      deadSince = clock.now()
      renew()
    }
    if (again) void beat()
    else cancel = clock.after(alive ? BEAT_MS : BEAT_WHILE_DEAD_MS, () => void beat())
  }

  void beat()
  return {
    get alive() {
      return alive
    },
    beat: () => void beat(),
    falter() {
      faltered = true
      set(false)
      if (asking || stopped) return
      cancel()
      cancel = clock.after(BEAT_WHILE_DEAD_MS, () => void beat())
    },
    stop() {
      stopped = true
      alive = false
      cancel()
    },
  }
}
