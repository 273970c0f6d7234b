import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Which cores each side may use, as taskset takes them. Null where processes cannot be bound to cores. */
export interface Cores {
  /** One for each node of a server, as far as they go. */
  readonly servers: readonly (string | null)[]
  readonly load: string | null
  readonly database: string | null
}

/**
 * One core for the server, and another for its second node from four on. The load has one; the database has what is left, and shares the load's where
 * nothing is. Without taskset (which is Linux's) or with a single core nothing is bound, and the report says so.
 */
export function shareCores(count = availableParallelism(), canBind = hasTaskset()): Cores {
  if (!canBind || count < 2) return { servers: [null], load: null, database: null }
  if (count === 2) return { servers: ['0'], load: '1', database: '1' }
  if (count === 3) return { servers: ['0'], load: '1', database: '2' }
  return { servers: ['0', '2'], load: '1', database: count === 4 ? '3' : `3-${count - 1}` }
}

/** The command line that runs `command` on those cores. */
export function onCores(cores: string | null, command: readonly string[]): readonly string[] {
  return cores === null ? command : ['taskset', '--cpu-list', cores, ...command]
}

/** Moves a process that runs already, and whatever it starts from now on. */
export function moveToCores(cores: string | null, pid: number): void {
  if (cores !== null) execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)])
}

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
