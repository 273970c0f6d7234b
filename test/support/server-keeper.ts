import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { z } from 'zod'

/**
 * A process that stands between the tests and a server of theirs. Its standard input is a pipe from the tests: when that closes, which the kernel
 * sees to even after kill -9, the server is ended. It prints the server's process id, so that the tests can do worse to it.
 *
 * A line on the pipe is an order: `end` and a signal, after which it prints `ended` and waits for `start`. A server that ends without an order is
 * the end of everything.
 */
const Task = z.object({
  program: z.string(),
  arguments: z.array(z.string()),
  /** Where the server runs. */
  directory: z.string(),
  /** Whether the directory goes with the keeper. */
  removeDirectory: z.boolean(),
  /** What ends the server. */
  signal: z.enum(['SIGQUIT', 'SIGKILL']),
  owner: z.object({ uid: z.number(), gid: z.number() }).partial(),
})
const Order = z.union([z.tuple([z.literal('end'), z.enum(['SIGINT', 'SIGQUIT'])]), z.tuple([z.literal('start')])])

const task = Task.parse(JSON.parse(process.argv[2] ?? ''))
let server: ChildProcess | undefined
let isOrdered = false

function start(): void {
  isOrdered = false
  server = spawn(task.program, task.arguments, {
    ...definedOf(task.owner),
    cwd: task.directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  process.stdout.write(`${server.pid}\n`)
  server.once('exit', code => {
    server = undefined
    if (isOrdered) process.stdout.write('ended\n')
    else leave(code ?? 1)
  })
}

function leave(status: number): never {
  process.chdir('/')
  if (task.removeDirectory) rmSync(task.directory, { recursive: true, force: true })
  process.exit(status)
}

function obey(line: string): void {
  const [what, signal] = Order.parse(line.split(' '))
  if (what === 'start') {
    start()
    return
  }
  isOrdered = true
  server?.kill(signal)
}

start()
createInterface({ input: process.stdin })
  .on('line', obey)
  .once('close', () => {
    isOrdered = false
    if (server === undefined) leave(0)
    server.kill(task.signal)
  })

function definedOf({ uid, gid }: { readonly uid?: number | undefined; readonly gid?: number | undefined }) {
  return uid === undefined || gid === undefined ? {} : { uid, gid }
}
