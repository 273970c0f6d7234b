import type { Load } from '../load/load.ts'
import type { Cores } from '../machine/cores.ts'
import type { Noise } from '../machine/noise.ts'
import type { Priorities } from '../machine/priority.ts'
import type { DurablePostgres } from '../postgres.ts'
import type { ServerProcess } from '../process/server.ts'
import type { Kind } from '../report/result.ts'

/** Who takes part in a workload, and how it is brought to the start. */
export interface Contestant {
  readonly name: string
  readonly kind: Kind
  /** Starts its server and a load of its own, without opening the scene. */
  enter(scene: Scene, ground: Ground): Promise<Entered>
}

/** How many rooms there are, and who is in each. */
export interface Scene {
  readonly rooms: number
  readonly subscribersPerRoom: number
  /** Sockets that publish, spread over the rooms. */
  readonly publishers: number
  /** Customers that the rooms are spread over. Default 1. */
  readonly tenants?: number
  /** What is stored before, where something is stored. Default: nothing. */
  readonly filling?: Filling
}

/** Conversations that only lie there, all of the first tenant. */
export interface Filling {
  readonly conversations: number
  readonly messagesEach: number
}

/** What all contestants share. */
export interface Ground {
  readonly postgres: DurablePostgres
  readonly cores: Cores
  readonly noise: Noise
  readonly priorities: Priorities | null
  /** Node's flags for Colloquy's servers. */
  readonly flags: readonly string[]
}

export interface Entered {
  /** All nodes of it; the port is the first one's. */
  readonly server: Omit<ServerProcess, 'end' | 'pid'>
  readonly load: Load
  /** Of all nodes and the load. */
  readonly pids: readonly number[]
  /** Opens every socket of the scene; resolves, when they get what is published, with the milliseconds that it took. */
  open(options?: OpenOptions): Promise<number>
  /** Ends its processes. */
  leave(): Promise<void>
}

export interface OpenOptions {
  readonly atOnce?: number
  /** Subscribers alone, and where they resume. */
  readonly resume?: { readonly after: string; readonly behind: number }
}

/** The room of each of so many seats: one room after another, from the first on again. */
export function roomsOfSeats(seats: number, rooms: number): readonly number[] {
  return Array.from({ length: seats }, (_, seat) => seat % rooms)
}
