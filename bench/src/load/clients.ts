import { type Part, speechOf } from './dialect.ts'
import type { OpenQuestion, Seat } from './plan.ts'
import { openWebSocket, type WebSocketClient } from './web-socket.ts'

/**
 * A frame of so many bytes carries a message: its text alone has 100, its id 36, its time 24. What a server says otherwise to a subscriber is shorter, so
 * that nothing has to be read to tell them apart.
 */
const MESSAGE_BYTES = 220

/** All sockets of a scene. */
export interface Clients {
  /** By the order of the seats. */
  readonly publishers: readonly Publisher[]
  close(): void
}

export interface Publisher {
  readonly room: number
  publish(content: string): void
}

export interface ClientListener {
  /** False while every frame is to become text, those that carry messages too. */
  readonly counts: boolean
  /** A subscriber has got a frame that became text. */
  onText(subscriber: number, text: string): void
  /** A subscriber has got a message; `text` as in `FrameListener`. */
  onMessage(subscriber: number, text: (() => string) | undefined): void
  onCaughtUp(subscriber: number): void
  onAcknowledged(publisher: number): void
  onFail(error: Error): void
}

/** Opens every socket, at most so many at once, and resolves when all have connected and asked for what they want. */
export async function openClients(plan: OpenQuestion, listener: ClientListener): Promise<Clients> {
  const speech = speechOf(plan.dialect)
  const sockets: WebSocketClient[] = []
  const publishers: Publisher[] = []
  const failed = Promise.withResolvers<never>()

  function open(seat: Seat, role: 'subscriber' | 'publisher', number: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const room = plan.rooms[seat.room] ?? ''
    const onFail = (error: Error) => {
      failed.reject(error)
      listener.onFail(error)
    }
    let speaker: ReturnType<typeof speak>
    const speak = (client: WebSocketClient) => {
      const part: Part = {
        client,
        seat,
        room,
        after: plan.after,
        onReady: resolve,
        onCaughtUp: () => listener.onCaughtUp(number),
        onAcknowledged: () => listener.onAcknowledged(number),
        onFail,
      }
      if (role === 'subscriber') return speech.subscriber(part)
      const publisher = speech.publisher(part)
      publishers[number] = { room: seat.room, publish: publisher.publish }
      return publisher
    }
    openWebSocket({
      port: plan.ports[number % plan.ports.length] ?? 0,
      path: speech.path(seat, room),
      subprotocol: speech.subprotocol,
      largeFrom: () => (role === 'subscriber' && listener.counts ? MESSAGE_BYTES : Number.POSITIVE_INFINITY),
      onOpen(client) {
        sockets.push(client)
        speaker = speak(client)
        speaker.open()
      },
      onText(text) {
        speaker.text(text)
        if (role === 'subscriber') listener.onText(number, text)
      },
      onLarge: text => listener.onMessage(number, text),
      onFail,
    })
    return promise
  }

  const doors = [
    ...plan.publishers.map((seat, number) => () => open(seat, 'publisher', number)),
    ...plan.subscribers.map((seat, number) => () => open(seat, 'subscriber', number)),
  ]
  await Promise.race([failed.promise, throughDoors(doors, plan.atOnce)])
  failed.promise.catch(() => undefined) // From now on the listener hears of it.
  return {
    publishers,
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function throughDoors(doors: readonly (() => Promise<void>)[], atOnce: number): Promise<void> {
  const queue = doors.values()
  const walk = async () => {
    for (const open of queue) await open()
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, doors.length) }, walk))
}
