import { startLoad } from '../load/load.ts'
import type { Dialect, Seat } from '../load/plan.ts'
import { freePort } from '../process/free-port.ts'
import { startServerProcess } from '../process/server.ts'
import type { Entered, Ground } from './contestant.ts'

/** Sockets that are opened at the same time, where nothing else is asked: as fast as a server greets them. */
const AT_ONCE = 64

export interface Entry {
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly dialect: Dialect
  readonly rooms: readonly string[]
  readonly subscribers: readonly Seat[]
  readonly publishers: readonly Seat[]
}

/** Starts a server and its load, each on its cores. */
export async function enter(entry: Entry, { cores }: Ground): Promise<Entered> {
  const { command, env = {}, dialect, rooms, subscribers, publishers } = entry
  const server = await startServerProcess({ command, env, port: await freePort(), cores: cores.server })
  const load = startLoad(cores.load)
  return {
    server,
    load,
    open({ atOnce = AT_ONCE, resume } = {}) {
      const seated = { rooms: [...rooms], subscribers: [...subscribers], publishers: resume ? [] : [...publishers] }
      return load.open({ port: server.port, dialect, ...seated, atOnce, ...resume })
    },
    async leave() {
      await load.end()
      await server.end()
    },
  }
}
