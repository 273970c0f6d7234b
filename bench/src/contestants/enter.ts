import { fixedPort } from '../../../test/support/fixed-port.ts'
import { startLoad } from '../load/load.ts'
import type { Dialect, Seat } from '../load/plan.ts'
import { type ServerProcess, startServerProcess, type Usage } from '../process/server.ts'
import type { Entered, Ground } from './contestant.ts'

/** Sockets that are opened at the same time, where nothing else is asked: as fast as a server greets them. */
const AT_ONCE = 64

export interface Entry {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Default 1. The sockets are spread over them in turn. */
  readonly nodes?: number
  readonly dialect: Dialect
  readonly rooms: readonly string[]
  readonly subscribers: readonly Seat[]
  readonly publishers: readonly Seat[]
}

/** Starts a server, of one node or more, and its load, each on its cores. */
export async function enter(entry: Entry, { cores }: Ground): Promise<Entered> {
  const { command, env = {}, nodes: count = 1, dialect, rooms, subscribers, publishers } = entry
  const nodes: ServerProcess[] = []
  for (let n = 0; n < count; n++) {
    const node = {
      command,
      env,
      port: await fixedPort(),
      cores: cores.servers[n % cores.servers.length] ?? null,
    }
    nodes.push(await startServerProcess(node))
  }
  const load = startLoad(cores.load)
  return {
    server: together(nodes),
    load,
    pids: [...nodes.map(({ pid }) => pid), load.pid],
    open({ atOnce = AT_ONCE, resume } = {}) {
      const seated = { rooms: [...rooms], subscribers: [...subscribers], publishers: resume ? [] : [...publishers] }
      return load.open({ ports: nodes.map(({ port }) => port), dialect, ...seated, atOnce, ...resume })
    },
    async leave() {
      await load.end()
      for (const node of nodes) await node.end()
    },
  }
}

/** What all nodes use together. */
function together(nodes: readonly ServerProcess[]): Entered['server'] {
  const sum = async (one: (node: ServerProcess) => Promise<Usage>) => {
    const usages = await Promise.all(nodes.map(one))
    const total = (key: keyof Usage) => usages.reduce((so, usage) => so + usage[key], 0)
    return {
      cpuSeconds: total('cpuSeconds'),
      rss: total('rss'),
      heapUsed: total('heapUsed'),
      external: total('external'),
    }
  }
  return {
    port: nodes[0]?.port ?? 0,
    usage: () => sum(node => node.usage()),
    collected: () => sum(node => node.collected()),
  }
}
