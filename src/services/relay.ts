import type { ZodType } from 'zod'
import type { Bus } from '../bus/bus.ts'
import type { Json } from '../domain/json.ts'

/** Carries one kind of ephemeral change to the rooms of every node. The bus is the only road, from this node to itself too. */
export interface Relay<Change> {
  /** Tells every node that listens to the channel. `change` goes as JSON. */
  publish(channel: Channel, change: Change): void
  /** Resolves once changes of the channel arrive here; the returned function gives this hold back, and with the last one the subscription. */
  listen(channel: Channel): Promise<() => void>
  close(): Promise<void>
}

/** The tenant, then what its listeners are there for. */
export type Channel = readonly [tenantId: string, ...parts: string[]]

export interface RelayOptions<Change> {
  readonly bus: Bus
  /** Reads back what `publish` wrote. What it refuses is dropped: a hint that cannot be read is a hint that was lost. */
  readonly schema: ZodType<Change>
  arrived(channel: Channel, change: Change): void
}

interface Held {
  holds: number
  /** Ends the subscription. */
  readonly stop: Promise<() => void>
}

export function createRelay<Change>({ bus, schema, arrived }: RelayOptions<Change>): Relay<Change> {
  const channels = new Map<string, Held>()

  function subscribe(channel: Channel, key: string): Held {
    const held: Held = {
      holds: 0,
      stop: bus.subscribe(channel, message => {
        const change = schema.safeParse(parsed(message))
        if (change.success && channels.get(key) === held) arrived(channel, change.data)
      }),
    }
    channels.set(key, held)
    return held
  }

  function drop(key: string, held: Held): void {
    if (channels.get(key) === held) channels.delete(key)
    held.stop.then(
      stop => stop(),
      () => {},
    )
  }

  return {
    publish: (channel, change) => bus.publish(channel, JSON.stringify(change)),
    async listen(channel) {
      const key = JSON.stringify(channel)
      const held = channels.get(key) ?? subscribe(channel, key)
      held.holds++
      let given = false
      const release = () => {
        if (given) return
        given = true
        if (--held.holds === 0) drop(key, held)
      }
      try {
        await held.stop
      } catch (error) {
        release()
        throw error
      }
      return release
    },
    async close() {
      for (const [key, held] of channels) drop(key, held)
    },
  }
}

function parsed(message: string): Json | undefined {
  try {
    return JSON.parse(message)
  } catch {
    return undefined
  }
}
