import { Redis, type RedisOptions } from 'ioredis'
import type { Clock } from '../../domain/clock.ts'
import { disconnect, FAIL_FAST, renew } from './connection.ts'
import { inTime } from './in-time.ts'
import { createPulse } from './pulse.ts'
import { createRefused } from './refused.ts'

/** Channels that are listened to, over connections that may go and come back. */
export interface Channels {
  /** Whether every channel that is wanted is in force: not while Redis refuses one, though the others are served all the same. */
  readonly connected: boolean
  /** Listens to the channel from now on. Tells once Redis has said so, or at once while it cannot: then `connected` waits for this one too. */
  want(channel: string, inForce: () => void): void
  drop(channel: string): void
  close(): Promise<void>
}

export interface ChannelsOptions {
  readonly clock: Clock
  /** Given each message as it came. Never throws. */
  deliver(channel: string, message: Buffer): void
  /** Hears of every change of `connected`. */
  changed(): void
  /** Hears each time why Redis refused a channel, which it is asked for again later. */
  refused(error: Error): void
}

/** How a kind of pub/sub is spoken. */
export interface Dialect {
  readonly subscribe: 'subscribe' | 'ssubscribe'
  readonly unsubscribe: 'unsubscribe' | 'sunsubscribe'
  readonly message: 'messageBuffer' | 'smessageBuffer'
  /** How many channels one command may name: of a cluster's shard, all must be of one slot. */
  readonly atOnce: number
}

export const PLAIN: Dialect = {
  subscribe: 'subscribe',
  unsubscribe: 'unsubscribe',
  message: 'messageBuffer',
  atOnce: 500,
}

export interface ConnectionChannelsOptions extends ChannelsOptions {
  readonly redis: RedisOptions
  readonly dialect: Dialect
  /** Redis refused a channel, or the connection was lost: somebody else may be in charge of its channels now. */
  failed?(): void
}

/** The channels of one connection. It says them again each time that it is back, and counts as connected once Redis has taken them all. */
export function createChannels(options: ConnectionChannelsOptions): Channels {
  const { redis, dialect, clock, deliver, changed, failed = () => {} } = options
  const client = new Redis({ ...redis, ...FAIL_FAST })
  const wanted = new Set<string>()
  const waiting = new Set<() => void>()
  let wasConnected = false

  const pulse = createPulse({
    clock,
    // Answers come in the order of the questions: what was subscribed before is in force.
    ask: () => inTime(clock, client.ping()),
    renew: () => renew(client),
    changed(alive) {
      if (!alive) release()
      look()
    },
  })
  const refused = createRefused({
    clock,
    retry(channels) {
      if (client.status === 'ready') for (const channel of channels) void subscribe([channel])
    },
    changed: look,
  })

  function isConnected(): boolean {
    return pulse.alive && !refused.any
  }

  function look(): void {
    if (isConnected() === wasConnected) return
    wasConnected = !wasConnected
    changed()
  }

  function release(): void {
    const told = [...waiting]
    waiting.clear()
    for (const tell of told) tell()
  }

  /** Nothing is known any more of what is in force on this connection. */
  function lost(): void {
    pulse.falter()
    renew(client)
    failed()
  }

  /** Resolves once Redis has given them, or has not. */
  async function subscribe(channels: readonly string[]): Promise<void> {
    try {
      await client[dialect.subscribe](...channels)
      for (const channel of channels) refused.delete(channel)
    } catch (error) {
      if (error instanceof Error && error.name === 'ReplyError') refuse(channels, error)
      else lost()
    }
  }

  /** Of many it refuses all for the sake of one. */
  function refuse(channels: readonly string[], error: Error): void {
    const still = channels.filter(channel => wanted.has(channel))
    for (const channel of still) refused.add(channel)
    if (channels.length > 1) for (const channel of still) void subscribe([channel])
    options.refused(error)
    failed()
  }

  client.on('ready', () => {
    const all = [...wanted]
    for (let from = 0; from < all.length; from += dialect.atOnce) void subscribe(all.slice(from, from + dialect.atOnce))
    pulse.beat()
  })
  client.on('close', () => {
    pulse.falter()
    failed()
  })
  // What cannot be connected is told by `close`; an answer to no question means that Redis has taken a channel away.
  client.on('error', () => {
    if (client.status === 'ready') lost()
  })
  client.on(dialect.message, (channel: Buffer, message: Buffer) => deliver(channel.toString(), message))

  return {
    get connected() {
      return isConnected()
    },
    want(channel, inForce) {
      wanted.add(channel)
      const subscribed = client.status === 'ready' ? subscribe([channel]) : undefined
      if (!pulse.alive || subscribed === undefined) return inForce()
      const tell = () => inForce()
      waiting.add(tell)
      void subscribed.then(() => waiting.delete(tell) && tell())
    },
    drop(channel) {
      if (!wanted.delete(channel)) return
      refused.delete(channel)
      if (client.status === 'ready') client[dialect.unsubscribe](channel).catch(() => {})
    },
    async close() {
      pulse.stop()
      wanted.clear()
      refused.stop()
      release()
      await disconnect(client)
    },
  }
}
