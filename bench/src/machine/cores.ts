import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Which cores each side may use, as taskset takes them. Null where processes cannot be bound to cores. */
export interface Cores {
  readonly server: string | null
  readonly load: string | null
  readonly database: string | null
}

/**
 * One core for the server. The load has the next; the database has what is left, and shares with the load where nothing is. Without taskset (which is
 * Linux's) or with a single core nothing is bound, and the report says so.
 */
export function shareCores(count = availableParallelism(), canBind = hasTaskset()): Cores {
  if (!canBind || count < 2) return { server: null, load: null, database: null }
  if (count === 2) return { server: '0', load: '1', database: '1' }
  return { server: '0', load: '1', database: `2-${count - 1}` }
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
