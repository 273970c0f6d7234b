import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { createColloquyClient } from '../../client/src/index.ts'
import { listen } from '../support/listening.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { startScriptedServer } from './scripted-server.ts'

test.each([
  ['at once', 'connection_init'],
  ['after the first ping', 'ping'],
] as const)(
  'a connection acknowledged %s lives while something comes on it, however late the answer to a ping, and ends when nothing does',
  async (_, acknowledges) => {
    let say = (_nth: number) => {}
    const server = await startScriptedServer(
      ({ id }, socket) => {
        say = nth => socket.send(JSON.stringify({ id, type: 'next', payload: { data: { nth } } }))
        say(0)
      },
      { acknowledges },
    )
    onTestFinished(server.close)
    const clock = createManualClock()
    const { url } = server
    const client = createColloquyClient({
      url,
      token: () => '',
      webSocketImpl: WebSocket,
      clock,
      // In real time, from the connection on.
      keepAlive: 10,
      pongWaitMs: 1_000,
    })
    onTestFinished(async () => client.dispose())
    const closes: unknown[] = []
    client.on('closed', event => closes.push(event))
    const pinged = new Promise<void>(resolve => client.on('ping', () => resolve()))
    const heard = listen<{ readonly nth: number }>(client, 'subscription { nth }')
    await heard.first(({ nth }) => nth === 0)
    await pinged
    for (const turn of [1, 2, 3]) {
      clock.advance(900)
      say(turn)
      await heard.first(({ nth }) => nth === turn)
    }
    expect(closes).toEqual([])
    clock.advance(999)
    expect(closes).toEqual([])
    clock.advance(1)
    expect(closes).toMatchObject([{ code: 4499 }])
    heard.stop()
  },
)
