import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** Stands between a client and a server, counts what the client sends, and can fall silent. */
export interface TcpProxy {
  readonly port: number
  /** Writes of the client since the count was last taken. */
  takeCount(): number
  /** From now on no answer gets through, on open connections and on new ones. */
  mute(): void
  close(): Promise<void>
}

export async function startTcpProxy(to: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let count = 0
  let muted = false

  const server = createServer(client => {
    const upstream = connect(to)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', bytes => {
      count += 1
      upstream.write(bytes)
    })
    upstream.on('data', bytes => {
      if (!muted) client.write(bytes)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    takeCount() {
      const taken = count
      count = 0
      return taken
    },
    mute() {
      muted = true
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
