import type { Clock } from '../../domain/clock.ts'

/** A user, the connection they were active on (empty: whichever was active last), and how long ago. */
export type Touch = readonly [user: string, connectionId: string, ageMs: number]

interface Recent {
  readonly user: string
  readonly connectionId: string
  activeAt: number
  toldAt: number
}

export interface ActivityOptions {
  readonly clock: Clock
  /** Each connection's activity is told once in this time: the first at once, the last when it is over. */
  readonly everyMs: number
  tell(touches: readonly Touch[]): void
}

/** Tells of activity, as seldom as idle times of minutes allow. */
export function createActivity({ clock, everyMs, tell }: ActivityOptions) {
  /** In the order of `toldAt`. */
  const recent = new Map<string, Recent>()
  const keyOf = (user: string, connectionId: string) => user + connectionId
  const isUntold = ({ activeAt, toldAt }: Recent) => activeAt > toldAt

  return {
    touch(user: string, connectionId: string): void {
      const now = clock.now()
      const key = keyOf(user, connectionId)
      const known = recent.get(key)
      if (known !== undefined) {
        known.activeAt = now
        return
      }
      recent.set(key, { user, connectionId, activeAt: now, toldAt: now })
      tell([[user, connectionId, 0]])
    },
    /** Forgets the connection. What was not told of it yet is returned: how long ago it was active. */
    end(user: string, connectionId: string): number | null {
      const key = keyOf(user, connectionId)
      const known = recent.get(key)
      recent.delete(key)
      return known !== undefined && isUntold(known) ? clock.now() - known.activeAt : null
    },
    /** Tells what is due; `all`: whatever is untold. */
    flush(all = false): void {
      const now = clock.now()
      const due: Touch[] = []
      for (const [key, known] of recent) {
        if (!all && known.toldAt + everyMs > now) break
        recent.delete(key)
        if (!isUntold(known)) continue
        due.push([known.user, known.connectionId, now - known.activeAt])
        recent.set(key, { ...known, toldAt: now, activeAt: now })
      }
      if (due.length > 0) tell(due)
    },
  }
}
