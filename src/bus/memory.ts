import type { Bus } from './bus.ts'

interface Listening {
  readonly listener: (message: string) => void
}

export interface MemoryBusOptions {
  /** Hears of a listener that threw; the others got the message all the same. Default: nobody does. */
  readonly onListenerError?: (error: unknown) => void
}

/**
 * The bus of a single node. A message is delivered in a microtask after `publish`, so a publisher never runs its listeners, and messages that
 * listeners publish come after those already on their way: every listener hears one order over all channels.
 */
export function createMemoryBus({ onListenerError = () => {} }: MemoryBusOptions = {}): Bus {
  const channels = new Map<string, Set<Listening>>()
  let queue: { readonly channel: string; readonly message: string }[] = []

  function drain(): void {
    // A message that a listener publishes joins the same queue and is reached by the same loop.
    for (const { channel, message } of queue) {
      for (const listening of [...(channels.get(channel) ?? [])]) deliver(channel, listening, message)
    }
    queue = []
  }

  function deliver(channel: string, listening: Listening, message: string): void {
    if (!channels.get(channel)?.has(listening)) return
    try {
      listening.listener(message)
    } catch (error) {
      onListenerError(error)
    }
  }

  return {
    publish(parts, message) {
      const channel = nameOf(parts)
      if (!channels.has(channel)) return
      if (queue.length === 0) queueMicrotask(drain)
      queue.push({ channel, message })
    },
    tell() {},
    async subscribe(parts, listener) {
      const channel = nameOf(parts)
      const listening: Listening = { listener }
      const set = channels.get(channel) ?? new Set()
      channels.set(channel, set.add(listening))
      return () => {
        if (set.delete(listening) && set.size === 0) channels.delete(channel)
      }
    },
    connected: true,
    onBack: () => () => {},
    onAway: () => () => {},
    async close() {
      channels.clear()
      queue = []
    },
  }
}

/** One text per list of parts, whatever characters they have. */
function nameOf(parts: readonly string[]): string {
  return JSON.stringify(parts)
}
