import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { DataDirectoryInUseError, lockDirectory } from '../../src/store/database/directory-lock.ts'

const run = promisify(execFile)

export interface ProgramSource {
  /** The environment variable that names it. */
  readonly env: string
  /** The Debian packages that bring it. */
  readonly packages: readonly string[]
}

/** The machine, as far as it matters here; a test puts another in its place. */
export interface Machine {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether apt-get may be used: root on a Debian. */
  readonly mayInstall: boolean
  /** Held while something is installed; made when it is missing. */
  readonly lock: string
}

const thisMachine: Machine = {
  env: process.env,
  mayInstall: process.getuid?.() === 0 && existsSync('/etc/debian_version'),
  lock: join(tmpdir(), 'colloquy-programs'),
}

/**
 * The path of a program that the tests need of the system: from the environment, else from the PATH, else installed by apt-get. Rejects with one line
 * that says what to install. Any number of tests, in any number of processes, may want it at once: one installs it, the others wait.
 */
export async function program(name: string, source: ProgramSource, machine: Machine = thisMachine): Promise<string> {
  const { env } = machine
  const given = env[source.env]
  if (given) return isProgram(given) ? given : giveUp(name, source, `${source.env} is ${given}, which cannot be run`)
  return onPath(name, env) ?? install(name, source, machine)
}

function onPath(name: string, env: Machine['env']): string | undefined {
  // Debian puts servers where a plain user's PATH does not lead.
  return [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin']
    .filter(directory => directory !== '')
    .map(directory => resolve(directory, name))
    .find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function install(name: string, source: ProgramSource, machine: Machine): Promise<string> {
  const { env } = machine
  if (!machine.mayInstall || onPath('apt-get', env) === undefined) return giveUp(name, source, 'it is not on the PATH')
  const unlock = await locked(machine.lock)
  try {
    if (onPath(name, env) === undefined) await aptGet(source.packages, env)
  } catch (error) {
    return giveUp(name, source, `apt-get could not install it (${reasonOf(error)})`)
  } finally {
    unlock()
  }
  return onPath(name, env) ?? giveUp(name, source, 'apt-get installed it, and still it is not on the PATH')
}

/** apt-get waits for no other apt-get that reads its lists: whoever comes second has to. */
async function locked(directory: string): Promise<() => void> {
  for (;;) {
    try {
      return lockDirectory(directory)
    } catch (error) {
      if (!(error instanceof DataDirectoryInUseError)) throw error
      await setTimeout(100)
    }
  }
}

async function aptGet(packages: readonly string[], env: Machine['env']): Promise<void> {
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, maxBuffer: 64 * 1024 * 1024 }
  await run('apt-get', ['update'], options)
  await run('apt-get', ['install', '-y', '--no-install-recommends', ...packages], options)
}

function reasonOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  return said.split('\n').find(line => line.startsWith('E:')) ?? said.split('\n', 1)[0] ?? ''
}

function giveUp(name: string, { env, packages }: ProgramSource, reason: string): never {
  const packaged = `on Debian, apt-get install ${packages.join(' ')}`
  throw new Error(`The tests need ${name}: ${reason}. Install it (${packaged}), or set ${env} to its path.`)
}
