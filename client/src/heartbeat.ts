import type { Client } from 'graphql-ws/client'
import type { Clock } from './clock.ts'

export interface HeartbeatOptions {
  /** How long a connection may take, until the server has acknowledged it. */
  readonly connectWaitMs: number
  /** How long an answer to a ping may take. */
  readonly pongWaitMs: number
}

/**
 * Ends connections on which nothing comes any more. A network that goes without a word closes no socket: the client would wait for events for as long as the
 * operating system lets it. graphql-ws sends the pings and leaves to others what to do when none is answered.
 */
export function startHeartbeat(client: Client, clock: Clock, { connectWaitMs, pongWaitMs }: HeartbeatOptions): void {
  let cancel = () => {}

  const expectWithin = (waitMs: number) => {
    cancel()
    cancel = clock.after(waitMs, () => client.terminate())
  }

  client.on('connecting', () => expectWithin(connectWaitMs))
  client.on('ping', received => {
    if (!received) expectWithin(pongWaitMs)
  })
  client.on('pong', received => {
    if (received) cancel()
  })
  for (const event of ['connected', 'closed', 'error'] as const) client.on(event, () => cancel())
}
