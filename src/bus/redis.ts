import { isUtf8 } from 'node:buffer'
import { EventEmitter } from 'node:events'
import { RedisPubSub } from 'graphql-redis-subscriptions'
import { Cluster, type Redis } from 'ioredis'
import type { Clock } from '../domain/clock.ts'
import { isId, type NewId } from '../domain/ids.ts'
import type { Bus } from './bus.ts'
import { createMemoryBus } from './memory.ts'
import { type Channels, type ChannelsOptions, createChannels, PLAIN } from './redis/channels.ts'
import type { RedisConnection } from './redis/connection.ts'
import { redisName } from './redis/name.ts'
import { createShardedChannels } from './redis/shards.ts'
import { createTasks } from './redis/tasks.ts'

export interface RedisBusOptions {
  /** Publishes; the bus makes a second connection like it, that listens. It is the caller's to close, after the bus. */
  readonly connection: RedisConnection
  readonly clock: Clock
  readonly newId: NewId
  /** Begins every channel's name, so that several deployments can share one Redis. So does the database's number: Redis keeps keys apart by it, not channels. */
  readonly namespace?: string
  /** Hears of a listener that threw; the others got the message all the same. Default: nobody does. */
  readonly onListenerError?: (error: unknown) => void
}

/** What one channel's listeners here share: a single subscription, held from the first of them to the last. */
interface Hold {
  listeners: number
  readonly subscription: Promise<number>
}

/** Before each message: the id of the node that published it. */
const ID_LENGTH = 36
/** What may be on its way to Redis, in UTF-16 units: beyond, messages are dropped rather than kept. */
const MAX_IN_FLIGHT = 8_388_608

/**
 * The bus of many nodes, over Redis pub/sub; sharded pub/sub where the connection is to a cluster. A message reaches the listeners of this node
 * directly, as on a single node, and its echo is dropped: so they hear it once, at once, and also while Redis is away.
 */
export function createRedisBus(options: RedisBusOptions): Bus {
  const { connection, clock, newId, onListenerError = () => {} } = options
  const namespace = (options.namespace ?? 'colloquy') + databaseOf(connection)
  const local = createMemoryBus({ onListenerError })
  const nodeId = newId()
  const arrivals = new EventEmitter()
  const channels = open(connection, {
    clock,
    deliver: (channel, message) => arrivals.emit('message', channel, message),
    changed: look,
    refused: connection.falter,
  })
  const pubsub = createPubSub(connection, channels, arrivals)
  const holds = new Map<string, Hold>()
  const whenBack = createTasks()
  const whenAway = createTasks()
  const stopHearing = [connection.onBack(look), connection.onAway(look)]
  let wasConnected = false
  let inFlight = 0
  let closed = false

  function isConnected(): boolean {
    return connection.connected && channels.connected
  }

  function look(): void {
    if (isConnected() === wasConnected) return
    wasConnected = !wasConnected
    if (wasConnected) whenBack.run()
    else whenAway.run()
  }

  function send(channel: string, envelope: string): void {
    if (inFlight + envelope.length > MAX_IN_FLIGHT) return
    inFlight += envelope.length
    connection
      .ask(() => pubsub.publish(channel, envelope))
      .catch(() => {})
      .finally(() => {
        inFlight -= envelope.length
      })
  }

  function arrive(parts: readonly string[], message: unknown): void {
    const text = foreign(message, nodeId)
    if (text !== undefined) local.publish(parts, text)
  }

  function hold(parts: readonly string[], name: string): Hold {
    const subscription = pubsub.subscribe(name, (message: unknown) => arrive(parts, message))
    const made = { listeners: 0, subscription }
    holds.set(name, made)
    return made
  }

  function letGo(name: string, held: Hold): void {
    if (--held.listeners > 0) return
    if (holds.get(name) === held) holds.delete(name)
    held.subscription.then(id => pubsub.unsubscribe(id)).catch(onListenerError)
  }

  return {
    publish(parts, message) {
      if (closed) return
      local.publish(parts, message)
      send(redisName([namespace, ...parts]), nodeId + message)
    },
    tell(parts, message) {
      if (!closed && connection.connected) send(redisName([namespace, ...parts]), nodeId + message())
    },
    async subscribe(parts, listener) {
      if (closed) return () => {}
      const name = redisName([namespace, ...parts])
      const stopLocal = local.subscribe(parts, listener)
      const held = holds.get(name) ?? hold([...parts], name)
      held.listeners++
      await held.subscription
      const stop = await stopLocal
      let stopped = false
      return () => {
        if (stopped) return
        stopped = true
        stop()
        letGo(name, held)
      }
    },
    get connected() {
      return isConnected()
    },
    onBack: whenBack.add,
    onAway: whenAway.add,
    async close() {
      closed = true
      for (const stop of stopHearing) stop()
      whenBack.clear()
      whenAway.clear()
      await local.close()
      await channels.close()
    },
  }
}

/** A cluster has but the one. */
function databaseOf({ client }: RedisConnection): string {
  const { db = 0 } = client instanceof Cluster ? {} : client.options
  return db === 0 ? '' : `@${db}`
}

function open({ client }: RedisConnection, options: ChannelsOptions): Channels {
  if (client instanceof Cluster) return createShardedChannels(client, options)
  return createChannels({ ...options, redis: client.options, dialect: PLAIN })
}

/**
 * The two ends that RedisPubSub asks for, made of ours: it takes them for clients of ioredis and uses of them no more than stands here. A subscribe
 * of ours never fails (one that did would end the process: RedisPubSub leaves a rejected promise behind that nobody can catch).
 */
function createPubSub({ client }: RedisConnection, channels: Channels, arrivals: EventEmitter): RedisPubSub {
  const publisher = {
    publish: (channel: string, message: string) =>
      client instanceof Cluster ? client.spublish(channel, message) : client.publish(channel, message),
  }
  const subscriber = {
    on: (event: string, listener: (...args: unknown[]) => void) => arrivals.on(event, listener),
    subscribe: (channel: string, done: (error: null) => void) => channels.want(channel, () => done(null)),
    unsubscribe: (channel: string) => channels.drop(channel),
    punsubscribe: () => {},
  }
  return new RedisPubSub({
    publisher: publisher as unknown as Redis,
    subscriber: subscriber as unknown as Redis,
    serializer: (message: string) => message,
  })
}

/** The text of another node's message. A Buffer arrives untouched: what is not wanted here was never decoded. */
function foreign(message: unknown, nodeId: string): string | undefined {
  if (!Buffer.isBuffer(message) || message.length < ID_LENGTH || !isUtf8(message)) return undefined
  const sender = message.toString('latin1', 0, ID_LENGTH)
  return sender !== nodeId && isId(sender) ? message.toString('utf8', ID_LENGTH) : undefined
}
