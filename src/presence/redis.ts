import { hash } from 'node:crypto'
import type { Clock } from '../domain/clock.ts'
import type { PresenceRecord } from '../domain/records.ts'
import { createListeners } from './listeners.ts'
import { createMemoryPresence } from './memory.ts'
import type { PresenceChange, PresenceRegistry } from './presence.ts'
import type { ScriptClient } from './redis/lease.ts'
import { idsOf, type News, type Reply, userName } from './redis/reply.ts'
import { createShard } from './redis/shard.ts'

/** The connection to one Redis or to a cluster. */
export interface PresenceConnection {
  readonly client: ScriptClient
  /** Runs the task whenever Redis answers again; the returned function ends that. */
  onBack(task: () => void): () => void
  /** Is told why a call failed. */
  falter(error: unknown): void
}

export interface RedisPresenceOptions {
  /** It stays its owner's to close, after the registry. */
  readonly connection: PresenceConnection
  readonly clock: Clock
  /** Makes a name that was never used before. */
  readonly newId: () => string
  /** Begins every key, so that several deployments can share one Redis. Default: `colloquy`. */
  readonly namespace?: string
  /** Without activity for this long on all connections a user is AWAY. Default: 5 minutes. */
  readonly idleMs?: number
  /** How long an abrupt close changes nothing. Default: 15 seconds. */
  readonly graceMs?: number
  /** A node that was not heard of for this long is dead, and its connections with it. Default: 10 seconds. */
  readonly leaseMs?: number
  /** How often a node is heard of, and looks for what time has changed; also how late that is found. Default: 2 seconds. */
  readonly beatMs?: number
  /** One connection's activity is told to Redis no more often. Default: 10 seconds. */
  readonly touchMs?: number
  /** How long a user who left is remembered, and with them `lastSeenAt`; who chose a status or a text is not forgotten by time. Default: 7 days. */
  readonly rememberMs?: number
  /** About how many users who left are remembered on all nodes together, and as many again who chose. Default: 500,000. */
  readonly rememberMax?: number
  /** Into how many parts the users are dealt, each in one slot of a cluster; the same on all nodes, for ever. Default: 16. */
  readonly shards?: number
  /** How many calls of one part may wait for Redis. With more, the node goes on without it until a beat. Default: 10,000. */
  readonly waitingMax?: number
  /** Moves time in a test. Default: Redis's own clock, which is the only one that all nodes share. */
  readonly redisClock?: Pick<Clock, 'now'>
  /** Hears of a listener that threw; the others were told all the same. */
  readonly onListenerError?: (error: unknown) => void
}

/**
 * Presence over all nodes. A registry in memory follows this node's own users beside it: what it says is shown while Redis is away, and only then.
 */
export function createRedisPresence(options: RedisPresenceOptions): PresenceRegistry {
  const { connection, clock, newId, namespace = 'colloquy', redisClock } = options
  const { idleMs = 5 * 60_000, graceMs = 15_000, leaseMs = 10_000, beatMs = 2_000, touchMs = 10_000 } = options
  const { rememberMs = 7 * 24 * 60 * 60_000, rememberMax = 500_000, shards: count = 16, waitingMax = 10_000 } = options
  const times = { idleMs, graceMs, leaseMs, rememberMs, rememberMax: Math.ceil(rememberMax / count) }
  const { onListenerError = () => {} } = options
  const changes = createListeners<PresenceChange>(onListenerError)
  const doubts = createListeners<[]>(onListenerError)
  const local = createMemoryPresence({ clock, idleMs, graceMs })
  const shards = Array.from({ length: count }, (_, index) => {
    const base = `${namespace}:{presence:${index}}`
    const hears = { onReply, onApart, onJoined: doubt, onError: connection.falter }
    return createShard({
      client: connection.client,
      base,
      clock,
      redisClock,
      times,
      touchMs,
      waitingMax,
      newLease: newId,
      ...hears,
    })
  })
  /** When a node that comes back late is back too, or counts as dead and is found. */
  const settledMs = leaseMs + 2 * beatMs
  let closed = false
  let cancelDoubt = () => {}
  let doubtSince: number | undefined
  let cancel = clock.after(beatMs, tick)
  const forget = connection.onBack(() => {
    for (const shard of shards) shard.renew()
  })

  function tick(): void {
    cancel = clock.after(beatMs, tick)
    for (const shard of shards) shard.tick()
  }

  /** Redis knew nothing of this node, perhaps of no node: once all have come back, what was missed meanwhile can be read. */
  function doubt(): void {
    const now = clock.now()
    doubtSince ??= now
    cancelDoubt()
    cancelDoubt = clock.after(Math.min(settledMs, doubtSince + 2 * settledMs - now), () => {
      doubtSince = undefined
      doubts.tell()
    })
  }

  function shardOf(user: string) {
    const shard = shards[hash('sha256', user, 'buffer').readUInt32BE(0) % count]
    if (shard === undefined) throw new Error('there is no shard')
    return shard
  }

  local.onChange((tenantId, presence) => {
    const user = userName(tenantId, presence.userId)
    const shard = shardOf(user)
    if (!shard.apart) return
    shard.missed(user)
    changes.tell(tenantId, presence, null)
  })

  function onReply({ changes: made, news }: Reply): void {
    for (const { tenantId, record, order } of made) changes.tell(tenantId, record, order)
    for (const each of news) learn(each)
  }

  /** What others did for a user with a connection here: it is remembered here too, for the time when Redis is away or has lost it. */
  function learn({ user, tenantId, userId, choice, statusText, chosenAgeMs, activeAgeMs }: News): void {
    const { users } = shardOf(user)
    const now = clock.now()
    const held = users.find(user)
    if (held !== undefined && chosenAgeMs !== null) {
      held.choice = { status: choice, statusText, chosenAt: now - chosenAgeMs }
    }
    void local.set(tenantId, userId, choice, statusText)
    if (activeAgeMs === null) return
    users.touch(user, null, now - activeAgeMs)
    if (activeAgeMs < touchMs) local.touch(tenantId, userId, null)
  }

  async function onApart(users: readonly string[]): Promise<void> {
    for (const user of users) {
      const [tenantId, userId] = idsOf(user)
      for (const record of await local.get(tenantId, [userId])) changes.tell(tenantId, record, null)
    }
  }

  async function read(tenantId: string, userIds: readonly string[]): Promise<readonly PresenceRecord[]> {
    const byShard = Map.groupBy(new Set(userIds), userId => shardOf(userName(tenantId, userId)))
    const read = [...byShard].map(async ([shard, ids]) => {
      const reply = await shard.read(ids.map(userId => userName(tenantId, userId)))
      return reply?.records.map(({ record }) => record) ?? local.get(tenantId, ids)
    })
    return (await Promise.all(read)).flat()
  }

  return {
    connect(tenantId, userId, connectionId) {
      if (closed) return
      const user = userName(tenantId, userId)
      shardOf(user).connect(user, connectionId)
      local.connect(tenantId, userId, connectionId)
    },
    touch(tenantId, userId, connectionId) {
      if (closed) return
      const user = userName(tenantId, userId)
      shardOf(user).touch(user, connectionId)
      local.touch(tenantId, userId, connectionId)
    },
    disconnect(tenantId, userId, connectionId, clean) {
      if (closed) return
      const user = userName(tenantId, userId)
      shardOf(user).disconnect(user, connectionId, clean)
      local.disconnect(tenantId, userId, connectionId, clean)
    },
    async set(tenantId, userId, status, statusText) {
      const user = userName(tenantId, userId)
      const reply = await shardOf(user).set(user, status, statusText)
      return reply?.records[0]?.record ?? local.set(tenantId, userId, status, statusText)
    },
    async get(tenantId, userIds) {
      const records = new Map((await read(tenantId, userIds)).map(record => [record.userId, record]))
      return userIds.map(
        userId => records.get(userId) ?? { userId, status: 'OFFLINE', statusText: null, lastSeenAt: null },
      )
    },
    onChange: changes.add,
    onDoubt: doubts.add,
    async close() {
      closed = true
      cancel()
      cancelDoubt()
      forget()
      await Promise.all(shards.map(shard => shard.close()))
      await local.close()
    },
  }
}
