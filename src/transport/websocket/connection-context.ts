import type { Server } from 'graphql-ws'
import type { Clock } from '../../domain/clock.ts'
import type { Engine } from '../../graphql/engine.ts'
import type { Logger } from '../../observe/logger.ts'
import type { ConnectionCount } from '../connection-count.ts'
import type { TransportOptions } from '../options.ts'
import type { Presence } from '../presence-hooks.ts'
import type { Rounds } from '../rounds.ts'
import type { Authenticate, WatchToken } from '../session.ts'
import type { ChunkMemory } from './chunk-memory.ts'
import type { CloseCode } from './close-codes.ts'
import type { Peer } from './protocol.ts'
import type { TurnEnd } from './turn-end.ts'

/** What all sockets of a server share. */
export interface ConnectionContext {
  readonly engine: Engine
  readonly authenticate: Authenticate
  readonly watchToken: WatchToken
  readonly clock: Clock
  readonly logger: Logger
  readonly options: TransportOptions
  readonly presence: Presence
  readonly protocol: Server<Peer>
  readonly perUser: ConnectionCount
  readonly turnEnd: TurnEnd
  readonly chunkMemory: ChunkMemory
  /** Of all sockets, every `pingIntervalMs`. */
  readonly pings: Rounds<Visited>
  /** Of those that have not sent connection_init, when their time for it is over. */
  readonly greetings: Rounds<Visited>
}

/** A socket on whose time the server has an eye. */
export interface Visited {
  ping(): void
  hangUp(code: CloseCode, reason: string): void
}
