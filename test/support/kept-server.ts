import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const KEEPER = fileURLToPath(new URL('./server-keeper.ts', import.meta.url))

export interface KeptServer {
  readonly program: string
  readonly arguments: readonly string[]
  /** Where the server runs. */
  readonly directory: string
  /** Whether the directory goes with the server. */
  readonly removeDirectory: boolean
  /** What ends the server. */
  readonly signal: 'SIGQUIT' | 'SIGKILL'
  readonly owner: { readonly uid?: number; readonly gid?: number }
}

/** Starts a server that ends when this process does, in whatever way. What is returned is its keeper: closing its standard input ends both. */
export function spawnKept(server: KeptServer): ChildProcess {
  return spawn(process.execPath, [KEEPER, JSON.stringify(server)], {
    // A group of its own: a Ctrl-C in the terminal is for the tests, which then close the pipe.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
}

/** Ends the server, and resolves once it has ended. */
export function endKept(keeper: ChildProcess): Promise<void> {
  return new Promise(resolve => {
    if (keeper.exitCode !== null || keeper.signalCode !== null) return resolve()
    keeper.once('exit', () => resolve())
    keeper.stdin?.end()
  })
}
