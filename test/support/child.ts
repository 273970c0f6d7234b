import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A process of its own that runs TypeScript, for faults that only a process can have. */
export interface Child {
  readonly process: ChildProcess
  /** Resolves with the next line that it prints; rejects when it ends before. */
  line(): Promise<string>
  /** Kills it with SIGKILL and waits for its end. */
  kill(): Promise<void>
}

/** Runs `program`, an ES module in TypeScript, whose imports are absolute URLs. */
export function startChild(program: string): Child {
  const flags = ['--input-type=module-typescript', '--eval', program]
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const exit = once(child, 'exit')
  return {
    process: child,
    async line() {
      const { value, done } = await lines.next()
      if (done) throw new Error('the child ended')
      return value
    },
    async kill() {
      child.kill('SIGKILL')
      await exit
    },
  }
}

/** The address of a module of the server, for a child's import. */
export function moduleUrl(path: string): string {
  return new URL(`../../src/${path}`, import.meta.url).href
}
