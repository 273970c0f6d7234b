import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onCores } from '../machine/cores.ts'

/** A process of the benchmark's own, which answers questions. */
export interface Child {
  readonly pid: number
  /** Resolves with the answer as it came: the caller knows what it must be. Rejects with the child's own error, or when it ends first. */
  ask(question: object | string): Promise<unknown>
  /** Ends it, and waits for its end. */
  end(): Promise<void>
}

export interface ChildOptions {
  /** Script and arguments, with Node's own flags before them. */
  readonly command: readonly string[]
  readonly cores: string | null
  readonly env?: Readonly<Record<string, string>>
}

/** Milliseconds between the request to end and the order. */
const GRACE = 3_000

export function startChild({ command, cores, env = {} }: ChildOptions): Child {
  const [program = '', ...args] = onCores(cores, [process.execPath, ...command])
  const child = spawn(program, args, {
    stdio: ['ignore', 2, 'inherit', 'ipc'],
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', NODE_NO_WARNINGS: '1', ...env },
  })
  const exit = once(child, 'exit')
  const waiting = new Map<number, (answer: Answer) => void>()
  let asked = 0
  child.on('message', (answer: Answer) => {
    waiting.get(answer.to)?.(answer)
    waiting.delete(answer.to)
  })
  child.once('exit', (code, signal) => {
    for (const [to, settle] of waiting) settle({ to, error: `${command.join(' ')} ended: ${signal ?? code}` })
    waiting.clear()
  })
  return {
    pid: child.pid ?? 0,
    async ask(question) {
      const { promise, resolve } = Promise.withResolvers<Answer>()
      const number = ++asked
      waiting.set(number, resolve)
      if (!child.connected) throw new Error(`${command.join(' ')} has ended`)
      child.send({ number, question })
      const { error, value } = await promise
      if (error !== undefined) throw new Error(error)
      return value
    },
    async end() {
      await end(child, exit)
    },
  }
}

/** What a child sends back. */
interface Answer {
  readonly to: number
  readonly value?: unknown
  readonly error?: string
}

/** Has the child that this is answer questions. `answer` may take its time; what it throws reaches whoever asked. */
export function answerQuestions(answer: (question: unknown) => unknown): void {
  process.on('message', async ({ number, question }: { readonly number: number; readonly question: unknown }) => {
    try {
      process.send?.({ to: number, value: await answer(question) })
    } catch (error) {
      process.send?.({ to: number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
}

async function end(child: ChildProcess, exit: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE)
  await exit
  clearTimeout(timer)
}
