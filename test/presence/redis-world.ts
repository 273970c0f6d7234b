import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { expect, vi } from 'vitest'
import { createRedisConnection, type RedisConnection } from '../../src/bus/redis/connection.ts'
import { systemClock } from '../../src/domain/clock.ts'
import type { PresenceRegistry } from '../../src/presence/presence.ts'
import { createRedisPresence, type PresenceConnection, type RedisPresenceOptions } from '../../src/presence/redis.ts'
import type { PresenceWorld } from '../contracts/presence.ts'
import { silent } from '../support/database.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'

/** A connection that is up. */
export async function connected(...urls: readonly string[]): Promise<RedisConnection> {
  const redis = createRedisConnection({ urls, clock: systemClock, logger: silent })
  await isUp(redis)
  return redis
}

export const isUp = (redis: RedisConnection) => vi.waitFor(() => expect(redis.connected).toBe(true), 10_000)
export const isDown = (redis: RedisConnection) => vi.waitFor(() => expect(redis.connected).toBe(false), 10_000)

const BEAT_MS = 2_000
/** How far time goes on at once: not so far that a lease ends. */
const STEP_MS = 2 * BEAT_MS

/** One of several registries on the same keys, for users of the tenant `acme`. */
export interface Node {
  readonly registry: PresenceRegistry
  readonly clock: ManualClock
  /** What it announced, `ada ONLINE`. */
  readonly said: string[]
  connect(userId: string, connectionId: string): void
  touch(userId: string, connectionId: string | null): void
  disconnect(userId: string, connectionId: string, clean: boolean): void
  status(userId: string): Promise<string | undefined>
  /** What was called before has been done, and what came of it. */
  answered(): Promise<unknown>
}

export interface Nodes {
  readonly nodes: readonly Node[]
  /** The time of the frozen Redis. */
  now(): number
  /** Moves Redis's time and that of the nodes named, all unless said; the others stand still, as if stopped or dead. */
  advance(ms: number, which?: readonly Node[]): Promise<void>
  close(): Promise<void>
}

/** Nodes on the same keys, one for each connection. Their clocks, and Redis's for them, stand still until they are moved. */
export async function frozenNodes(
  connections: readonly PresenceConnection[],
  options: Partial<RedisPresenceOptions> = {},
): Promise<Nodes> {
  const start = createManualClock().now()
  let redisNow = start
  const namespace = randomUUID()
  const nodes = connections.map(connection =>
    createNode({
      connection,
      newId: randomUUID,
      namespace,
      shards: SHARDS,
      beatMs: BEAT_MS,
      redisClock: { now: () => redisNow },
      ...options,
    }),
  )
  const answered = async (which: readonly Node[]) => {
    await Promise.all(which.map(node => node.answered()))
  }
  await answered(nodes)
  return {
    nodes,
    now: () => redisNow,
    async advance(ms, which = nodes) {
      for (let left = ms; left > 0; left -= STEP_MS) {
        const step = Math.min(left, STEP_MS)
        redisNow += step
        for (const { clock } of which) clock.advance(step)
        await answered(which)
      }
      // What time has changed is found at a beat: the node's clock moves on to the next, and Redis's stands.
      for (const { clock } of which) clock.advance(BEAT_MS)
      await answered(which)
    },
    async close() {
      await Promise.all(nodes.map(({ registry }) => registry.close()))
    },
  }
}

function createNode(options: Omit<RedisPresenceOptions, 'clock'>): Node {
  const clock = createManualClock()
  const { connection, underWay } = counted(options.connection)
  const registry = createRedisPresence({ clock, ...options, connection })
  const said: string[] = []
  registry.onChange((_, { userId, status, statusText }) =>
    said.push([userId, status, statusText ?? ''].join(' ').trim()),
  )
  return {
    registry,
    clock,
    said,
    connect: (userId, connectionId) => registry.connect('acme', userId, connectionId),
    touch: (userId, connectionId) => registry.touch('acme', userId, connectionId),
    disconnect: (userId, connectionId, clean) => registry.disconnect('acme', userId, connectionId, clean),
    status: async userId => (await registry.get('acme', [userId]))[0]?.status,
    async answered() {
      do {
        await registry.get('nobody', EVERY_SHARD)
        await setImmediate()
      } while (underWay() > 0)
    },
  }
}

/** The connection, and how many of its scripts are not answered yet. */
function counted({ client, onBack, falter }: PresenceConnection) {
  let underWay = 0
  function count<Answer>(answer: Promise<Answer>): Promise<Answer> {
    underWay++
    return answer.finally(() => underWay--)
  }
  const connection: PresenceConnection = {
    client: {
      eval: (script, keys, ...given) => count(client.eval(script, keys, ...given)),
      evalsha: (sha, keys, ...given) => count(client.evalsha(sha, keys, ...given)),
    },
    onBack,
    falter,
  }
  return { connection, underWay: () => underWay }
}

const SHARDS = 4
/** Enough ids to ask each of them. */
const EVERY_SHARD = Array.from({ length: 16 }, (_, index) => `user${index}`)

/** A registry alone on its keys. */
export async function frozenWorld(
  connection: PresenceConnection,
  options: Partial<RedisPresenceOptions> = {},
): Promise<PresenceWorld> {
  const { nodes, now, advance } = await frozenNodes([connection], options)
  const [only] = nodes
  if (only === undefined) throw new Error('there is no node')
  return { registry: only.registry, now, advance: ms => advance(ms) }
}
