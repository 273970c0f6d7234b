import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../observe/logger.ts'
import { redisAddress } from './address.ts'
import { inTime } from './in-time.ts'
import { createPulse } from './pulse.ts'
import { createTasks } from './tasks.ts'

/** The process's one connection for commands, to a Redis or to a Redis Cluster. It comes back by itself. */
export interface RedisConnection {
  /** By itself it rejects a command at once while there is no connection, but takes seconds to despair of one that is mute: better ask. */
  readonly client: Redis | Cluster
  /** Whether Redis answers. False at first, and while a connection is open and mute. */
  readonly connected: boolean
  /**
   * Gives what a command answers. Rejects at once unless connected, with a `ReplyError` when Redis refuses, and when the answer takes too long: then,
   * as after any failure but a refusal, it is not connected until Redis has answered again. Nothing is ever sent a second time.
   */
  ask<Answer>(command: (client: Redis | Cluster) => Promise<Answer>): Promise<Answer>
  /** To be told why a command failed that was not asked so. */
  falter(error: unknown): void
  /** Runs the task each time that Redis answers again, the first time included. The returned function ends that. */
  onBack(task: () => void): () => void
  /** Runs the task each time that Redis answers no more. The returned function ends that. */
  onAway(task: () => void): () => void
  close(): Promise<void>
}

export interface RedisConnectionOptions {
  /** One address, or several members of a cluster; whom to log in as and whether by TLS is then taken from the first. */
  readonly urls: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
}

/** When a command is given up at last, those included that ioredis itself sends on a new connection. */
const COMMAND_TIMEOUT_MS = 2000
const CONNECT_TIMEOUT_MS = 2000
/** How long a mute connection gets to close by itself. */
const DISCONNECT_TIMEOUT_MS = 100
const MAX_RETRY_DELAY_MS = 500
/** How old the map of a cluster may be, and how long one member may take to draw it before the next is asked. */
const SLOTS_REFRESH_MS = 5000
const SLOTS_TIMEOUT_MS = 500

/** What every connection to Redis keeps to: it fails fast and remembers nothing for later. */
export const FAIL_FAST = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  disableClientInfo: true,
  retryStrategy: retryDelay,
  // Who was the primary is a replica now, and the address may lead to the new one.
  reconnectOnError: ({ message }: Error) => message.startsWith('READONLY'),
} as const satisfies RedisOptions

/** Connects; never rejects and never waits: a server starts without its Redis. Throws a TypeError for what is not the address of one. */
export function createRedisConnection({ urls, clock, logger }: RedisConnectionOptions): RedisConnection {
  const whenBack = createTasks()
  const whenAway = createTasks()
  const client = open(urls)
  let reason: string | undefined
  let told: boolean | undefined
  /** Which refusals were told of since Redis last came back: each kind is worth one line, not one for every command. */
  const refusals = new Set<string>()
  client.on('error', (error: Error) => {
    reason = error.message
  })

  function tell(alive: boolean): void {
    if (told === alive) return
    told = alive
    refusals.clear()
    if (alive) logger.info({}, 'Redis answers')
    else logger.warn({ reason }, 'Redis does not answer: this node goes on without it')
  }

  const pulse = createPulse({
    clock,
    ask: () => inTime<unknown>(clock, client instanceof Cluster ? askCluster(client) : client.ping()),
    renew() {
      // So long without an answer, it is also worth a word at the start.
      tell(false)
      if (client instanceof Cluster) renewCluster(client, clock)
      else renew(client)
    },
    changed(alive) {
      tell(alive)
      if (alive) whenBack.run()
      else whenAway.run()
    },
  })
  client.on('ready', pulse.beat)
  client.on('close', pulse.falter)

  /** What Redis refuses it has answered. */
  function falter(error: unknown): void {
    if (!(error instanceof Error && error.name === 'ReplyError')) {
      pulse.falter()
      return
    }
    const [kind = ''] = error.message.split(' ', 1)
    if (kind === 'NOSCRIPT' || refusals.has(kind)) return
    refusals.add(kind)
    logger.warn({ reason: error.message }, 'Redis refuses: this node goes on without what it asked for')
  }

  return {
    client,
    get connected() {
      return pulse.alive
    },
    falter,
    onBack: whenBack.add,
    onAway: whenAway.add,
    async ask(command) {
      if (!pulse.alive) throw new Error('Redis is away')
      try {
        return await inTime(clock, command(client))
      } catch (error) {
        falter(error)
        throw error
      }
    },
    async close() {
      pulse.stop()
      whenBack.clear()
      whenAway.clear()
      await disconnect(client)
    },
  }
}

function open(urls: readonly string[]): Redis | Cluster {
  const [first, ...others] = urls.map(redisAddress)
  if (first === undefined) throw new TypeError('no address of a Redis')
  if (others.length === 0) return new Redis({ ...first, ...FAIL_FAST })
  const { host: _host, port: _port, db: _db, tls, ...login } = first
  const { retryStrategy: _retry, enableOfflineQueue: _queue, ...options } = FAIL_FAST
  return new Cluster(
    [first, ...others].map(({ host, port }) => ({ host: host ?? '', port: port ?? 0 })),
    {
      // Every member is verified by its own name.
      redisOptions: { ...login, ...options, ...(tls && { tls: {} }) },
      enableOfflineQueue: false,
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      maxRedirections: 2,
      slotsRefreshInterval: SLOTS_REFRESH_MS,
      slotsRefreshTimeout: SLOTS_TIMEOUT_MS,
      clusterRetryStrategy: retryDelay,
      // So that name must not be lost on the way.
      ...(tls && { dnsLookup: (host, callback) => callback(null, host) }),
    },
  )
}

function retryDelay(times: number): number {
  return Math.min(times * 50, MAX_RETRY_DELAY_MS)
}

/** Drops a connection that is open, to make it anew. */
export function renew(client: Redis): void {
  if (client.status === 'ready') client.disconnect(true)
}

/** Ends a connection, and resolves once it is closed. */
export async function disconnect(client: Redis | Cluster): Promise<void> {
  const isOpen = ['ready', 'connect', 'connecting'].includes(client.status)
  const ended = new Promise<void>(resolve => {
    if (isOpen) client.once('end', () => resolve())
    else resolve()
  })
  client.disconnect()
  await ended
}

/** Every master that holds a slot must answer, and find that all slots are served. */
async function askCluster(cluster: Cluster): Promise<void> {
  const holders = slotHolders(cluster)
  const masters = cluster.nodes('master').filter(({ options: { host, port } }) => holders.has(`${host}:${port}`))
  const missing = holders.size === 0 || masters.length < holders.size
  if (missing) cluster.refreshSlotsCache()
  if (missing || cluster.status !== 'ready') throw new Error('a master is missing')
  const answers = await Promise.all(masters.map(master => master.cluster('INFO')))
  if (!answers.every(answer => String(answer).includes('cluster_state:ok'))) throw new Error('the cluster is down')
}

/** Each master that holds a slot, as `host:port`. */
export function slotHolders({ slots }: Cluster): ReadonlySet<string> {
  return new Set(slots.flatMap(([master]) => master ?? []))
}

/** Masters that are mute leave the pool; those that hold slots are found again. */
function renewCluster(cluster: Cluster, clock: Clock): void {
  for (const master of cluster.nodes('master')) {
    inTime(clock, master.ping()).catch(() => master.disconnect())
  }
  cluster.refreshSlotsCache()
}
