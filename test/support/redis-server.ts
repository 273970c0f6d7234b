import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fixedPort } from './fixed-port.ts'
import { endKept, spawnKept } from './kept-server.ts'

/** A Redis that keeps nothing on disk. It ends when this process ends in whatever way. */
export interface RedisServer {
  readonly url: string
  readonly host: string
  readonly port: number
  /** Ends it at once, as kill -9 does. `start` brings it back, empty, at the same address. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Stops it where it stands: connections stay open, and nothing is answered. */
  pause(): void
  resume(): void
  /** Ends it for good, and removes what it wrote. */
  close(): Promise<void>
}

export interface RedisServerOptions {
  readonly program: string
  /** An existing directory in which it makes one of its own. */
  readonly within: string
  /** More of its settings, as on its command line without the dashes. */
  readonly settings?: Readonly<Record<string, string>>
}

export async function startRedisServer({ program, within, settings = {} }: RedisServerOptions): Promise<RedisServer> {
  await mkdir(within, { recursive: true })
  const directory = await mkdtemp(join(within, 'redis-'))
  const host = '127.0.0.1'
  const port = await fixedPort()
  const all = { bind: host, port: String(port), save: '', appendonly: 'no', dir: directory, ...settings }
  const flags = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
  let running: { readonly keeper: ChildProcess; readonly pid: number } | undefined

  async function start(): Promise<void> {
    const how = { directory, removeDirectory: false, signal: 'SIGKILL', owner: {} } as const
    const keeper = spawnKept({ program, arguments: flags, ...how })
    keeper.stderr?.pipe(process.stderr)
    if (keeper.stdout === null) throw new Error('the keeper says nothing')
    const [line] = await once(createInterface({ input: keeper.stdout }), 'line')
    running = { keeper, pid: Number(line) }
    await answering(host, port, keeper)
  }

  async function kill(): Promise<void> {
    const ended = running
    running = undefined
    if (ended !== undefined) await endKept(ended.keeper)
  }

  function signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    if (running === undefined) throw new Error('the Redis is not running')
    process.kill(running.pid, name)
  }

  await start()
  return {
    url: `redis://${host}:${port}`,
    host,
    port,
    kill,
    start,
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async close() {
      await kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function answering(host: string, port: number, keeper: ChildProcess): Promise<void> {
  while (!(await accepts(host, port))) {
    if (keeper.exitCode !== null) throw new Error(`the Redis on port ${port} ended at its start`)
    await setTimeout(20)
  }
}

/** Redis listens once it can answer: it has nothing to load. */
function accepts(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, host)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
