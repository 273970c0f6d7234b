import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { createFlow, type Flow } from './tcp-flow.ts'

/** From the client to the server, or back. */
export type Way = 'up' | 'down'

/** What can be done to a connection, or to all of a proxy. */
export interface Link {
  /** Ends it as when a cable is pulled and the system tidies up: what is on its way is lost, and both ends see the end of the stream. */
  cut(): void
  /** Ends it with RST at both ends. */
  reset(): void
  /** Reads nothing more in that direction (default: both), so that back-pressure builds at whoever writes. Nothing is lost. */
  stall(way?: Way): void
  /** Ends the stall: what has waited goes on. */
  flow(): void
  /** From now on each byte arrives so much later, in both directions and in order; 0 ends it. */
  delay(ms: number): void
}

/**
 * Stands between clients and a server, counts what the clients send, and breaks the network between them. Its own `cut` and `reset` are for the connections of
 * now; its `stall` and `delay` also for those to come.
 */
export interface TcpProxy extends Link {
  readonly port: number
  /** Those that are open, the oldest first. */
  readonly connections: readonly Link[]
  /** Writes of the clients since the count was last taken. */
  takeCount(): number
  /** From now on no answer gets through, on open connections and on new ones: they are thrown away. */
  mute(): void
  /** Cuts all, and resets whoever comes, until `up`. */
  down(): void
  up(): void
  close(): Promise<void>
}

export async function startTcpProxy(to: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const connections = new Set<Link>()
  const stalled = new Set<Way>()
  let delayMs = 0
  let count = 0
  let muted = false
  let isDown = false

  const server = createServer({ allowHalfOpen: true }, client => {
    client.on('error', () => undefined)
    if (isDown) return void client.resetAndDestroy()
    const upstream = connect({ ...to, allowHalfOpen: true })
    const link = join(client, upstream, {
      onUp: () => count++,
      drops: () => muted,
      onClosed: () => connections.delete(link),
    })
    connections.add(link)
    for (const way of stalled) link.stall(way)
    link.delay(delayMs)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const each = (act: (link: Link) => void) => [...connections].forEach(act)

  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    get connections() {
      return [...connections]
    },
    takeCount() {
      const taken = count
      count = 0
      return taken
    },
    mute() {
      muted = true
    },
    down() {
      isDown = true
      each(link => link.cut())
    },
    up() {
      isDown = false
    },
    cut: () => each(link => link.cut()),
    reset: () => each(link => link.reset()),
    stall(way) {
      for (const one of waysOf(way)) stalled.add(one)
      each(link => link.stall(way))
    },
    flow() {
      stalled.clear()
      each(link => link.flow())
    },
    delay(ms) {
      delayMs = ms
      each(link => link.delay(ms))
    },
    async close() {
      each(link => link.cut())
      server.close()
      await once(server, 'close')
    },
  }
}

/** A proxy before the server of that address, and the address that leads through it. */
export async function proxyBefore(address: string): Promise<{ readonly proxy: TcpProxy; readonly url: string }> {
  const url = new URL(address)
  const proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) })
  url.port = String(proxy.port)
  return { proxy, url: url.href }
}

interface Watcher {
  /** The client has written. */
  readonly onUp: () => void
  /** Whether the server's words are thrown away. */
  readonly drops: () => boolean
  readonly onClosed: () => void
}

function join(client: Socket, upstream: Socket, watcher: Watcher): Link {
  const flows: Record<Way, Flow> = {
    up: createFlow(client, upstream, () => {
      watcher.onUp()
      return true
    }),
    down: createFlow(upstream, client, () => !watcher.drops()),
  }
  const ends = [client, upstream]
  for (const socket of ends) {
    socket.setNoDelay(true)
    // What happened to one end happens to the other.
    socket.on('error', () => link.reset())
    socket.once('close', () => {
      if (ends.every(end => end.destroyed)) watcher.onClosed()
      else if (ends.some(end => end.destroyed && !end.readableEnded)) link.cut()
    })
  }
  const link: Link = {
    cut() {
      for (const end of ends) end.destroy()
    },
    reset() {
      for (const end of ends) end.resetAndDestroy()
    },
    stall(way) {
      for (const one of waysOf(way)) flows[one].stall()
    },
    flow() {
      for (const flow of Object.values(flows)) flow.go()
    },
    delay(ms) {
      for (const flow of Object.values(flows)) flow.delay(ms)
    },
  }
  return link
}

function waysOf(way: Way | undefined): readonly Way[] {
  return way === undefined ? ['up', 'down'] : [way]
}
