import type { Client } from 'graphql-ws/client'
import type { Clock } from './clock.ts'

export interface HeartbeatOptions {
  /** How long a connection may take, until the server has acknowledged it. */
  readonly connectWaitMs: number
  /** How long nothing at all may come while an answer to a ping is due. */
  readonly pongWaitMs: number
}

/**
 * Ends connections on which nothing comes any more. A network that goes without a word closes no socket: the client would wait for events for as long as the
 * operating system lets it. graphql-ws sends the pings and leaves to others what to do when none is answered.
 *
 * An answer comes after all that the server sent before it, which on a slow network takes its time: for as long as something comes, the connection is alive.
 */
export function startHeartbeat(client: Client, clock: Clock, { connectWaitMs, pongWaitMs }: HeartbeatOptions): void {
  let cancel = () => {}
  let pinged = false

  const expectWithin = (waitMs: number) => {
    cancel()
    cancel = clock.after(waitMs, () => client.terminate())
  }
  const rest = () => {
    pinged = false
    cancel()
  }

  client.on('connecting', () => expectWithin(connectWaitMs))
  client.on('ping', received => {
    if (received) return
    pinged = true
    expectWithin(pongWaitMs)
  })
  client.on('message', () => {
    if (pinged) expectWithin(pongWaitMs)
  })
  client.on('pong', received => {
    if (received) rest()
  })
  client.on('connected', () => {
    // A slow server acknowledges after the first ping, whose answer is still due: no other is sent before it.
    if (pinged) expectWithin(pongWaitMs)
    else rest()
  })
  for (const event of ['closed', 'error'] as const) client.on(event, rest)
}
