import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { z } from 'zod'

/**
 * A process that stands between the tests and their Postgres. Its standard input is a pipe from the tests: when that closes, which the kernel sees to
 * even after kill -9, the server is ended and the directory of the run removed.
 */
const Task = z.object({
  program: z.string(),
  arguments: z.array(z.string()),
  directory: z.string(),
  owner: z.object({ uid: z.number(), gid: z.number() }).partial(),
})

const task = Task.parse(JSON.parse(process.argv[2] ?? ''))
const server = spawn(task.program, task.arguments, {
  ...definedOf(task.owner),
  cwd: task.directory,
  stdio: ['ignore', 'ignore', 'inherit'],
})

server.once('exit', code => {
  process.chdir('/')
  rmSync(task.directory, { recursive: true, force: true })
  process.exit(code ?? 1)
})
process.stdin.once('close', () => server.kill('SIGQUIT')).resume()

function definedOf({ uid, gid }: { readonly uid?: number | undefined; readonly gid?: number | undefined }) {
  return uid === undefined || gid === undefined ? {} : { uid, gid }
}
