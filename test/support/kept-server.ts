import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const KEEPER = fileURLToPath(new URL('./server-keeper.ts', import.meta.url))

export interface KeptServer {
  readonly program: string
  readonly arguments: readonly string[]
  /** Where the server runs. */
  readonly directory: string
  /** Whether the directory goes with the keeper. */
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

/** Tells the keeper to end the server by a signal, or to start it again: see there. Resolves once one of its streams has said so. */
export async function orderKept(keeper: ChildProcess, order: string, answer: Answer): Promise<void> {
  const done = saidBy(keeper, answer)
  keeper.stdin?.write(`${order}\n`)
  await done
}

/** A text that the keeper prints, or that the server prints to its standard error. */
export interface Answer {
  readonly on: 'stdout' | 'stderr'
  readonly text: string
}

/** Resolves as soon as the text is in it; rejects when the keeper ends before. Both streams must be read on by someone. */
export function saidBy(keeper: ChildProcess, { on, text }: Answer): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = keeper[on]
    let said = ''
    const hear = (part: Buffer) => {
      said += part.toString()
      if (said.includes(text)) settle(resolve)
    }
    const exit = () => settle(() => reject(new Error(`${keeper.spawnargs.at(-1)} ended: ${said}`)))
    const settle = (how: () => void) => {
      stream?.off('data', hear)
      keeper.off('exit', exit)
      how()
    }
    stream?.on('data', hear)
    keeper.once('exit', exit)
  })
}
