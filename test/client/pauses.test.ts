import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { createColloquyClient } from '../../client/src/index.ts'
import { listen } from '../support/listening.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { type Subscribed, startScriptedServer } from './scripted-server.ts'

const QUERY = 'subscription { inbox { position } }'
const HOUR = 3_600_000

type Script = (socket: WebSocket, subscribed: Subscribed) => void

const closes: Script = socket => socket.close(1013)
const stands: Script = () => {}
const answers: Script = (socket, { id }) => socket.send(JSON.stringify({ id, type: 'next', payload: { data: {} } }))
const answersAndCloses: Script = (socket, subscribed) => {
  answers(socket, subscribed)
  closes(socket, subscribed)
}

/** A server that acknowledges every connection, and does with the nth subscription as the nth script says; and a client whose pauses last half of what they may. */
async function scripted(...scripts: readonly Script[]) {
  const sockets: WebSocket[] = []
  const server = await startScriptedServer((subscribed, socket, nth) => {
    sockets.push(socket)
    scripts[nth - 1]?.(socket, subscribed)
  })
  const clock = createManualClock()
  const pauses: number[] = []
  const watched: typeof clock = {
    ...clock,
    after(delayMs, task) {
      if (delayMs < HOUR) pauses.push(delayMs)
      return clock.after(delayMs, task)
    },
  }
  const times = { clock: watched, random: () => 0.5, firstPauseMs: 1_000, connectWaitMs: HOUR, keepAlive: 0 }
  const client = createColloquyClient({ url: server.url, webSocketImpl: WebSocket, token: () => 'token', ...times })
  onTestFinished(async () => {
    await client.dispose()
    await server.close()
  })
  const closed = () => new Promise<unknown>(resolve => client.on('closed', resolve))
  /** Lets each pause pass, until so many have begun. */
  async function paused(count: number): Promise<readonly number[]> {
    while (pauses.length < count) {
      const known = pauses.length
      clock.advance(pauses.at(-1) ?? 0)
      await expect.poll(() => pauses.length).toBe(known + 1)
    }
    return pauses
  }
  return { client, clock, sockets, pauses, paused, closed, subscribed: server.subscribed }
}

test('the pauses grow where each connection is acknowledged and closed at once', async () => {
  const { client, paused } = await scripted(closes, closes, closes, closes, closes)
  listen(client, QUERY)
  expect(await paused(5)).toEqual([500, 1_000, 2_000, 4_000, 8_000])
})

test('they begin anew after a connection over which something came', async () => {
  const { client, paused } = await scripted(closes, closes, answersAndCloses, closes)
  listen(client, QUERY)
  expect(await paused(4)).toEqual([500, 1_000, 500, 1_000])
})

test.each([
  [4_999, 2_000],
  [5_000, 500],
])('after a quiet connection that stood for %i ms the pause is %i ms', async (standingMs, expected) => {
  const { client, clock, sockets, pauses, paused } = await scripted(closes, closes, stands)
  listen(client, QUERY)
  await paused(2)
  clock.advance(1_000)
  await expect.poll(() => sockets.length).toBe(3)
  clock.advance(standingMs)
  sockets[2]?.terminate()
  await expect.poll(() => pauses).toEqual([500, 1_000, expected])
})

test.each([
  ['before anything came', stands, 0],
  ['after its answer', answers, 1],
])('after an operation that was left %s the next one waits for nothing', async (_, script, results) => {
  const { client, clock, subscribed, pauses, paused, closed } = await scripted(closes, closes, script, stands)
  const first = listen(client, QUERY)
  await paused(2)
  clock.advance(1_000)
  await expect.poll(() => subscribed.length).toBe(3)
  await expect.poll(() => first.results.length).toBe(results)
  const over = closed()
  first.stop()
  expect(await over).toMatchObject({ code: 1000 })
  listen(client, QUERY)
  await expect.poll(() => subscribed.length).toBe(4)
  expect(pauses).toEqual([500, 1_000])
})
