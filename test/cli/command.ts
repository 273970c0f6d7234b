import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))

/** The real command in a process of its own, with the run's own Node and nothing of the run's environment. */
export interface Command {
  /** All that it has printed so far. */
  readonly stdout: string
  readonly stderr: string
  /** Resolves with the exit status, or with the name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** The events of its log so far; what is no JSON is left out. */
  log(): readonly LogEvent[]
  /** Resolves with the first event of the log that says so, past or to come; rejects when the process ends before. */
  logged(message: string): Promise<LogEvent>
  /** Resolves with the part of what it prints that fits; rejects as `logged`. */
  printed(pattern: RegExp): Promise<string>
  signal(name: NodeJS.Signals): void
}

export type LogEvent = Readonly<Record<string, unknown>> & { readonly msg: string }

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Default: an empty directory. */
  readonly cwd?: string
}

/** Runs the command. It is killed at the end of the test, if it has not ended by then. */
export function run(args: readonly string[], options?: RunOptions): Command {
  return runProgram(process.execPath, [CLI, ...args], options)
}

/** Runs any program as `run` does. */
export function runProgram(
  program: string,
  args: readonly string[],
  { env = {}, cwd = emptyDirectory() }: RunOptions = {},
): Command {
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const command = watch(child)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await command.ended
  })
  return command
}

function watch(
  child: ChildProcess & { readonly stdout: NodeJS.ReadableStream; readonly stderr: NodeJS.ReadableStream },
): Command {
  const said = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  let over = false
  const wakeAll = () => {
    for (const wake of waiting) wake()
  }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text
      wakeAll()
    })
  }
  // After the exit, and after the last of what it printed.
  const ended = once(child, 'close').then(([code, signal]): number | NodeJS.Signals => {
    over = true
    wakeAll()
    return signal ?? code
  })

  async function until<Found>(find: () => Found | undefined): Promise<Found> {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      if (over) throw new Error(`the command ended (${await ended}): ${said.stderr}${said.stdout}`)
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.add(resolve)
      await promise
      waiting.delete(resolve)
    }
  }

  return {
    get stdout() {
      return said.stdout
    },
    get stderr() {
      return said.stderr
    },
    ended,
    log: () => eventsIn(said.stdout),
    logged: message => until(() => eventsIn(said.stdout).find(event => event.msg === message)),
    printed: pattern => until(() => pattern.exec(said.stdout)?.[0]),
    signal: name => child.kill(name),
  }
}

function eventsIn(text: string): readonly LogEvent[] {
  return text
    .split('\n')
    .slice(0, -1)
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line))
}

/** A server that listens, and where. */
export interface Served extends Command {
  readonly url: URL
}

/** Runs `serve` on a free port until it listens. */
export async function serve(env: Readonly<Record<string, string>> = {}): Promise<Served> {
  return listening(run(['serve'], { env: { PORT: '0', ...env } }))
}

/** Resolves once it listens. */
export async function listening(command: Command): Promise<Served> {
  const { url } = await command.logged('listening')
  return Object.assign(command, { url: new URL(String(url)) })
}

/** Ends a server as an operator does, and holds it to a clean end. */
export async function stopped(command: Command): Promise<void> {
  command.signal('SIGTERM')
  const status = await command.ended
  if (status !== 0 || command.stderr !== '') throw new Error(`it ended with ${status}: ${command.stderr}`)
}

/** A directory that goes with the test. */
export function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'colloquy-command-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
