import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { type Child, startChild } from './child.ts'

export interface Usage {
  readonly cpuSeconds: number
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
}

/** A server that is measured, in a process of its own. */
export interface ServerProcess {
  readonly pid: number
  readonly port: number
  usage(): Promise<Usage>
  /** The same, after garbage was collected. */
  collected(): Promise<Usage>
  end(): Promise<void>
}

const Usage = z.object({ cpuSeconds: z.number(), rss: z.number(), heapUsed: z.number(), external: z.number() })
const PROBE = new URL('./probe.ts', import.meta.url).href
/** Milliseconds for a server to start listening. */
const START = 20_000

/** Starts a script that listens on the port that its environment names, and waits until it does. */
export async function startServerProcess(options: {
  readonly command: readonly string[]
  readonly port: number
  readonly cores: string | null
  readonly env?: Readonly<Record<string, string>>
}): Promise<ServerProcess> {
  const { command, port, cores, env } = options
  const child = startChild({
    command: ['--expose-gc', '--import', PROBE, ...command],
    cores,
    env: { ...env, PORT: String(port) },
  })
  await listening(port, child)
  return {
    pid: child.pid,
    port,
    usage: async () => Usage.parse(await child.ask('usage')),
    collected: async () => Usage.parse(await child.ask('collected')),
    end: () => child.end(),
  }
}

async function listening(port: number, child: Child): Promise<void> {
  const latest = performance.now() + START
  for (;;) {
    try {
      const socket = connect(port, '127.0.0.1')
      await once(socket, 'connect')
      socket.destroy()
      return
    } catch (error) {
      if (performance.now() > latest) {
        await child.end()
        throw error
      }
      await setTimeout(30)
    }
  }
}
