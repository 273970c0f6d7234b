import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** What the process counts, for a Prometheus to fetch. Nothing in it tells one tenant or user from another. */
export interface Metrics {
  readonly events: { inc(count: number): void }
  readonly receipts: { inc(count: number): void }
  /** Says how many WebSockets are open, whenever the page is asked for. */
  watchSockets(count: () => number): void
  /** Says whether this node reaches the others, whenever the page is asked for. */
  watchBus(connected: () => boolean): void
  /** The page in the text format of Prometheus. */
  page(): Promise<{ readonly type: string; readonly text: string }>
  close(): Promise<void>
}

export function createMetrics(): Metrics {
  let sockets = () => 0
  let connected = () => false
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, prefix: 'colloquy_' })
  new Gauge({
    name: 'colloquy_websockets',
    help: 'WebSockets that are open.',
    registers,
    collect() {
      this.set(sockets())
    },
  })
  new Gauge({
    name: 'colloquy_bus_connected',
    help: 'Whether hints reach the other nodes and come from them: 1, or 0 while they do not.',
    registers,
    collect() {
      this.set(connected() ? 1 : 0)
    },
  })
  return {
    events: new Counter({ name: 'colloquy_events_total', help: 'Durable events committed by this node.', registers }),
    receipts: new Counter({
      name: 'colloquy_receipts_total',
      help: 'Advances and failures of receipts committed by this node.',
      registers,
    }),
    watchSockets(count) {
      sockets = count
    },
    watchBus(isConnected) {
      connected = isConnected
    },
    page: async () => ({ type: registry.contentType, text: await registry.metrics() }),
    async close() {
      registry.clear()
    },
  }
}
