import { type Cluster, Command } from 'ioredis'
import { type Channels, type ChannelsOptions, createChannels, type Dialect } from './channels.ts'
import { slotHolders } from './connection.ts'

/** Sharded pub/sub: a message stays with the one master that holds the channel's slot, where plain pub/sub would be carried to every member. */
const SHARDED: Dialect = {
  subscribe: 'ssubscribe',
  unsubscribe: 'sunsubscribe',
  message: 'smessageBuffer',
  atOnce: 1,
}

/** The least time between two questions who holds which slots. */
const REFRESH_AFTER_MS = 200

/**
 * The channels of a cluster, each over a connection to the master of its slot. They move when their slot does. (ioredis has sharded subscribers too,
 * but those neither tell when a channel is in force again nor notice a mute connection.)
 */
export function createShardedChannels(
  cluster: Cluster,
  { clock, deliver, changed, refused }: ChannelsOptions,
): Channels {
  /** Which master each channel was given to, once one is known. */
  const wanted = new Map<string, string | undefined>()
  /** Those of them whose slot nobody serves, or whose new master has not taken them yet. */
  const unserved = new Set<string>()
  /** One for every master, so that no channel ever has to wait for its connection. */
  const shards = new Map<string, Channels>()
  const closing = new Set<Promise<void>>()
  let refreshing: (() => void) | undefined
  let closed = false

  function masterOf(channel: string): string | undefined {
    const slot = new Command('get', [channel]).getSlot()
    return slot === null ? undefined : cluster.slots[slot]?.[0]
  }

  function connect(master: string): Channels {
    const at = master.lastIndexOf(':')
    const redis = { ...cluster.options.redisOptions, host: master.slice(0, at), port: Number(master.slice(at + 1)) }
    return createChannels({ redis, dialect: SHARDED, clock, deliver, changed, refused, failed: refresh })
  }

  /** Asks the cluster anew who holds what; `assign` hears of it. */
  function refresh(): void {
    if (refreshing !== undefined || closed) return
    refreshing = clock.after(REFRESH_AFTER_MS, () => {
      refreshing = undefined
      cluster.refreshSlotsCache()
    })
  }

  function assign(): void {
    const masters = slotHolders(cluster)
    for (const [master, shard] of shards) if (!masters.has(master)) remove(master, shard)
    for (const master of masters) if (!shards.has(master)) shards.set(master, connect(master))
    for (const [channel, before] of wanted) {
      const master = masterOf(channel)
      if (master !== before) move(channel, before, master)
    }
  }

  function refreshed(): void {
    assign()
    changed()
  }

  function move(channel: string, from: string | undefined, to: string | undefined): void {
    if (from !== undefined) shards.get(from)?.drop(channel)
    wanted.set(channel, to)
    unserved.add(channel)
    if (to === undefined) return
    shards.get(to)?.want(channel, () => {
      if (wanted.get(channel) === to) serve(channel)
    })
  }

  function serve(channel: string): void {
    if (unserved.delete(channel)) changed()
  }

  function remove(master: string, shard: Channels): void {
    shards.delete(master)
    const end = shard.close().finally(() => closing.delete(end))
    closing.add(end)
  }

  cluster.on('refresh', refreshed)
  if (cluster.slots.length > 0) assign()

  return {
    get connected() {
      return unserved.size === 0 && shards.size > 0 && shards.values().every(shard => shard.connected)
    },
    want(channel, inForce) {
      const master = masterOf(channel)
      const shard = master === undefined ? undefined : shards.get(master)
      wanted.set(channel, shard && master)
      if (shard !== undefined) return shard.want(channel, inForce)
      unserved.add(channel)
      changed()
      refresh()
      inForce()
    },
    drop(channel) {
      const master = wanted.get(channel)
      wanted.delete(channel)
      serve(channel)
      if (master !== undefined) shards.get(master)?.drop(channel)
    },
    async close() {
      closed = true
      cluster.off('refresh', refreshed)
      refreshing?.()
      wanted.clear()
      for (const [master, shard] of shards) remove(master, shard)
      await Promise.all(closing)
    },
  }
}
