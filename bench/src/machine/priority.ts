import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

const { PRIORITY_LOW, PRIORITY_NORMAL } = constants.priority

/**
 * Lets those who wait for their turn give way to whoever is measured: an idle server still pings its sockets and collects its garbage, with five threads
 * on the core that all share, and whoever was measured then waited up to 20 ms for them.
 */
export interface Priorities {
  /** Has all threads of these processes, and those that they start from now on, run when nobody else wants to. */
  giveWay(pids: readonly number[]): void
  /** Takes it back. */
  takeTurn(pids: readonly number[]): void
}

/** Null where a priority that was lowered cannot be raised again, as for most users who are not root. */
export function createPriorities(): Priorities | null {
  if (!canRaise()) return null
  return {
    giveWay: pids => setAll(pids, PRIORITY_LOW),
    takeTurn: pids => setAll(pids, PRIORITY_NORMAL),
  }
}

/** What is said where nobody can give way. */
export function priorityWarning(priorities: Priorities | null): readonly string[] {
  return priorities === null
    ? ['Who waits for its turn could not be given a lower priority here, and disturbs others.']
    : []
}

/** Tried on a process that may stay as it is. */
function canRaise(): boolean {
  const child = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
  try {
    setAll([child.pid ?? 0], PRIORITY_LOW)
    setAll([child.pid ?? 0], PRIORITY_NORMAL)
    return true
  } catch {
    return false
  } finally {
    child.kill()
  }
}

/** Linux has a priority for each thread. */
function setAll(pids: readonly number[], priority: number): void {
  for (const pid of pids) {
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), priority)
  }
}
