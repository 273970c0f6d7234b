import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { z } from 'zod'

/**
 * A process that stands between the tests and a server of theirs. Its standard input is a pipe from the tests: when that closes, which the kernel
 * sees to even after kill -9, the server is ended. It prints the server's process id, so that the tests can do worse to it.
 */
const Task = z.object({
  program: z.string(),
  arguments: z.array(z.string()),
  /** Where the server runs. */
  directory: z.string(),
  /** Whether the directory goes with the server. */
  removeDirectory: z.boolean(),
  /** What ends the server. */
  signal: z.enum(['SIGQUIT', 'SIGKILL']),
  owner: z.object({ uid: z.number(), gid: z.number() }).partial(),
})

const task = Task.parse(JSON.parse(process.argv[2] ?? ''))
const server = spawn(task.program, task.arguments, {
  ...definedOf(task.owner),
  cwd: task.directory,
  stdio: ['ignore', 'ignore', 'inherit'],
})
process.stdout.write(`${server.pid}\n`)

server.once('exit', code => {
  process.chdir('/')
  if (task.removeDirectory) rmSync(task.directory, { recursive: true, force: true })
  process.exit(code ?? 1)
})
process.stdin.once('close', () => server.kill(task.signal)).resume()

function definedOf({ uid, gid }: { readonly uid?: number | undefined; readonly gid?: number | undefined }) {
  return uid === undefined || gid === undefined ? {} : { uid, gid }
}
