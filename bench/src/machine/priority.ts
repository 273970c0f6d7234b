import { readdirSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

const { PRIORITY_LOW } = constants.priority

/**
 * Lets those who wait for their turn give way to whoever is measured: an idle server still pings its sockets and collects its garbage, with several threads
 * on the core that all share, and whoever was measured then waited up to 20 ms for them.
 */
export interface Priorities {
  /** Leaves to all threads of these processes, and to those that they start from now on, a seventieth of what others get of a busy core. */
  giveWay(pids: readonly number[]): void
  /** Gives them the priority that this process has. */
  takeTurn(pids: readonly number[]): void
}

/** Null where a priority that was lowered cannot be raised again, as for most users who are not root, and where there is no /proc. */
export function createPriorities(): Priorities | null {
  const usual = getPriority()
  if (!canRaise(usual)) return null
  return {
    giveWay: pids => setAll(pids, PRIORITY_LOW),
    takeTurn: pids => setAll(pids, usual),
  }
}

/** What is said where nobody can give way. */
export function priorityWarning(priorities: Priorities | null): readonly string[] {
  return priorities === null
    ? ['Who waits for its turn could not be given a lower priority here, and disturbs others.']
    : []
}

/** Above what it has: allowed to whoever may take back that it lowered one, and to nobody else. */
function canRaise(usual: number): boolean {
  try {
    readdirSync('/proc/self/task')
    setPriority(usual - 1)
    setPriority(usual)
    return true
  } catch {
    return false
  }
}

/** Linux has a priority for each thread. One that has ended meanwhile needs none; that a server has ended is told by whoever asks it. */
function setAll(pids: readonly number[], priority: number): void {
  for (const pid of pids) {
    for (const thread of threadsOf(pid)) {
      try {
        setPriority(thread, priority)
      } catch (error) {
        if (threadsOf(pid).includes(thread)) throw error
      }
    }
  }
}

function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return []
  }
}
