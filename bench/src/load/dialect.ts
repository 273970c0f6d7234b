import { graphqlSpeech } from './dialects/graphql.ts'
import { plainSpeech } from './dialects/plain.ts'
import { socketIoSpeech } from './dialects/socket-io.ts'
import type { Dialect, Seat } from './plan.ts'
import type { WebSocketClient } from './web-socket.ts'

/** One server's way of speaking over a WebSocket. */
export interface Speech {
  readonly subprotocol?: string
  path(seat: Seat, room: string): string
  /** Connects and subscribes. */
  subscriber(part: Part): Listener
  /** Connects, and publishes from then on. */
  publisher(part: Part): Listener & { publish(content: string): void }
}

export interface Part {
  readonly client: WebSocketClient
  readonly seat: Seat
  readonly room: string
  /** A position to resume after. */
  readonly after?: string | undefined
  /** A subscriber has asked for its messages, or a publisher may begin. */
  onReady(): void
  /** A subscriber was told that it has everything. */
  onCaughtUp(): void
  /** A message was acknowledged. */
  onAcknowledged(): void
  onFail(error: Error): void
}

export interface Listener {
  /** The connection stands. */
  open(): void
  /** A small frame. */
  text(text: string): void
}

export function speechOf(dialect: Dialect): Speech {
  switch (dialect.type) {
    case 'plain':
      return plainSpeech
    case 'socket.io':
      return socketIoSpeech
    case 'graphql':
      return graphqlSpeech(dialect)
  }
}
