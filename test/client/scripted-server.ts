import { once } from 'node:events'
import { type WebSocket, WebSocketServer } from 'ws'

/** A subscribe message, as it came. */
export interface Subscribed {
  readonly id: string
  readonly payload: { readonly query: string; readonly extensions?: Readonly<Record<string, unknown>> }
}

export interface ScriptedServer {
  readonly url: string
  readonly subscribed: readonly Subscribed[]
  close(): Promise<void>
}

/** Speaks the protocol as far as a subscription, and there does what the test says: a real server cannot be brought to every ending. */
export async function startScriptedServer(
  onSubscribe: (subscribed: Subscribed, socket: WebSocket, nth: number) => void,
  { acknowledges = 'connection_init' }: { readonly acknowledges?: 'connection_init' | 'ping' } = {},
): Promise<ScriptedServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' })
  const subscribed: Subscribed[] = []
  server.on('connection', socket => {
    socket.on('message', data => {
      const message: { readonly type: string } & Subscribed = JSON.parse(data.toString())
      if (message.type === acknowledges) socket.send('{"type":"connection_ack"}')
      if (message.type !== 'subscribe') return
      subscribed.push(message)
      onSubscribe(message, socket, subscribed.length)
    })
  })
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    subscribed,
    async close() {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}
