import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { openWebSocket, type WebSocketClient } from '../../../bench/src/load/web-socket.ts'

let server: WebSocketServer

afterEach(() => {
  for (const socket of server.clients) socket.terminate()
  server.close()
})

/** A server that gives back what it gets. */
async function echo(): Promise<number> {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', socket => socket.on('message', data => socket.send(data.toString())))
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function open(port: number, got: string[], failures: string[]): Promise<WebSocketClient> {
  return new Promise(resolve =>
    openWebSocket({
      port,
      path: '/',
      largeFrom: () => Number.POSITIVE_INFINITY,
      onOpen: resolve,
      onText: text => got.push(text),
      onLarge: () => undefined,
      onFail: error => failures.push(error.message),
    }),
  )
}

describe('the sockets of the load', () => {
  test('a real server understands them, and they understand it', async () => {
    const got: string[] = []
    const failures: string[] = []
    const client = await open(await echo(), got, failures)
    const sent = ['', 'short', 'ä'.repeat(200), 'x'.repeat(70_000)]
    for (const text of sent) client.send(text)
    await expect.poll(() => got).toEqual(sent)
    const [peer] = server.clients
    const pong = peer && once(peer, 'pong')
    peer?.ping('here?')
    expect(String((await pong)?.[0])).toBe('here?')
    client.destroy()
    await expect.poll(() => server.clients.size).toBe(0)
    expect(failures).toEqual([])
  })

  test('a server that hangs up is a failure', async () => {
    const failures: string[] = []
    await open(await echo(), [], failures)
    for (const socket of server.clients) socket.close(1013, 'Too slow')
    await expect.poll(() => failures).toEqual(['A socket of the load failed: closed by the server: 1013 Too slow'])
  })
})
