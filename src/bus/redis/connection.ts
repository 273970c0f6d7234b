import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { Clock } from '../../domain/clock.ts'
import type { Logger } from '../../observe/logger.ts'
import { redisAddress } from './address.ts'
import { createPulse } from './pulse.ts'

/** The process's one connection for commands, to a Redis or to a Redis Cluster. It comes back by itself; to be told so is up to `onBack`. */
export interface RedisConnection {
  /** A command rejects at once while there is no connection, and after `COMMAND_TIMEOUT_MS` without an answer; none is ever sent again. */
  readonly client: Redis | Cluster
  /** Whether Redis answers. False at first, and while a connection is open and mute. */
  readonly connected: boolean
  /** Runs the task each time that Redis answers again, the first time included. The returned function ends that. */
  onBack(task: () => void): () => void
  /** To be told why a command failed. Unless Redis itself said so, `connected` is false until it answers again. */
  falter(error: unknown): void
  close(): Promise<void>
}

export interface RedisConnectionOptions {
  /** One address, or several members of a cluster; whom to log in as and whether by TLS is then taken from the first. */
  readonly urls: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
}

/** Nothing waits longer than this for Redis, which takes less than one. */
const COMMAND_TIMEOUT_MS = 500
const CONNECT_TIMEOUT_MS = 2000
/** How long a mute connection gets to close by itself. */
const DISCONNECT_TIMEOUT_MS = 100
const MAX_RETRY_DELAY_MS = 500
/** How old the map of a cluster may be. */
const SLOTS_REFRESH_MS = 5000

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
} as const satisfies RedisOptions

/** Connects; never rejects and never waits: a server starts without its Redis. Throws a TypeError for what is not the address of one. */
export function createRedisConnection({ urls, clock, logger }: RedisConnectionOptions): RedisConnection {
  const tasks = new Set<() => void>()
  const client = open(urls)
  let reason: string | undefined
  let told: boolean | undefined
  client.on('error', (error: Error) => {
    reason = error.message
  })

  function tell(alive: boolean): void {
    if (told === alive) return
    told = alive
    if (alive) logger.info({}, 'Redis answers')
    else logger.warn({ reason }, 'Redis does not answer: this node goes on without it')
  }

  const pulse = createPulse({
    clock,
    ask: () => (client instanceof Cluster ? askCluster(client) : client.ping()),
    renew() {
      // So long without an answer, it is also worth a word at the start.
      tell(false)
      if (client instanceof Cluster) renewCluster(client)
      else renew(client)
    },
    changed(alive) {
      tell(alive)
      if (alive) for (const task of [...tasks]) task()
    },
  })
  client.on('ready', pulse.beat)
  client.on('close', pulse.falter)

  return {
    client,
    get connected() {
      return pulse.alive
    },
    onBack(task) {
      const entry = () => task()
      tasks.add(entry)
      return () => {
        tasks.delete(entry)
      }
    },
    falter(error) {
      if (!(error instanceof Error && error.name === 'ReplyError')) pulse.falter()
    },
    async close() {
      pulse.stop()
      tasks.clear()
      await disconnect(client)
    },
  }
}

function open(urls: readonly string[]): Redis | Cluster {
  const [first, ...others] = urls.map(redisAddress)
  if (first === undefined) throw new TypeError('no address of a Redis')
  if (others.length === 0) return new Redis({ ...first, ...FAIL_FAST })
  const { host: _host, port: _port, db: _db, ...login } = first
  const { retryStrategy: _retry, enableOfflineQueue: _queue, ...options } = FAIL_FAST
  return new Cluster(
    [first, ...others].map(({ host, port }) => ({ host: host ?? '', port: port ?? 0 })),
    {
      redisOptions: { ...login, ...options },
      enableOfflineQueue: false,
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      maxRedirections: 2,
      slotsRefreshInterval: SLOTS_REFRESH_MS,
      slotsRefreshTimeout: COMMAND_TIMEOUT_MS,
      clusterRetryStrategy: retryDelay,
      // A certificate is for a name: it must not be lost on the way.
      ...(login.tls && { dnsLookup: (host, callback) => callback(null, host) }),
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
function renewCluster(cluster: Cluster): void {
  for (const master of cluster.nodes('master')) {
    master.cluster('INFO').catch(() => master.disconnect())
  }
  cluster.refreshSlotsCache()
}
