import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Clock } from '../../domain/clock.ts'
import type { Payload } from '../../stream/selection.ts'
import { createStallWatch } from '../stall-watch.ts'
import { createFrameQueue } from './frame-queue.ts'
import type { TurnEnd } from './turn-end.ts'

/**
 * The bounded writer of one socket: the only way out for graphql-ws's messages and for ours, so that they keep their order. What a turn of the event
 * loop has for the socket leaves in one write; what the client does not take yet waits here, as references to what all sockets share.
 */
export interface Outbound {
  /** Writes one message; drops it when the socket is no longer open. */
  send(message: string): void
  /** Writes one result of an operation, after `opening`, which is what `resultOpening` made of its id; returns whether the socket is still below its mark. */
  next(opening: Uint8Array, payload: Payload): boolean
  /** Calls `resume` once: now when the socket is below its mark, else when half of it has been taken. */
  onDrain(resume: () => void): void
  readonly aboveMark: boolean
  /** Hands all that waits to the socket: what is written past this writer, a close frame, follows it. */
  flush(): void
  /** Drops what waits. */
  discard(): void
  close(): void
}

export interface OutboundRequest {
  readonly socket: WebSocket
  /** What the WebSocket writes to. */
  readonly stream: Duplex
  readonly turnEnd: TurnEnd
  readonly clock: Clock
  readonly markBytes: number
  readonly stallMs: number
  /** The client has taken nothing for `stallMs` of what waited above its mark. */
  readonly onStall: () => void
}

/**
 * How many bytes above the mark may wait at most. A subscription above its mark lags and writes no more, but the answers to what a client has asked already all
 * come: one that asks for much at once and does not read is cut off.
 */
const MOST_BYTES = 67_108_864

/** How many bytes are handed to the system at once: by so much a client's progress is told. */
const CHUNK_BYTES = 65_536

export function createOutbound(request: OutboundRequest): Outbound {
  const { socket, stream, markBytes } = request
  const queue = createFrameQueue()
  const waiting = new Set<() => void>()
  const stall = createStallWatch(request.clock, request.stallMs, request.onStall)
  /** Bytes that the system has not taken yet. */
  let underWay = 0
  let due = false

  const pending = () => queue.bytes + underWay
  const aboveMark = () => pending() > markBytes

  const write = (maxBytes: number) => {
    const chunk = queue.take(maxBytes)
    if (chunk === null) return
    underWay += chunk.length
    stream.write(chunk, () => taken(chunk.length))
  }

  const taken = (bytes: number) => {
    underWay -= bytes
    stall.progress()
    if (pending() <= markBytes / 2) wake()
    if (underWay === 0) writeOn()
    if (pending() === 0) stall.end()
  }

  /** After a close frame nothing may follow: written all the same, it would break the connection off before the frame has left. */
  const writeOn = () => {
    if (socket.readyState === socket.OPEN) write(CHUNK_BYTES)
    else queue.clear()
  }

  /** One that resumes may fill the queue again: then the others go on waiting. */
  const wake = () => {
    for (const resume of waiting) {
      if (aboveMark()) return
      waiting.delete(resume)
      resume()
    }
  }

  const endTurn = () => {
    due = false
    if (underWay === 0) writeOn()
  }

  const push = (parts: readonly Uint8Array[]) => {
    if (socket.readyState !== socket.OPEN) return
    // Nothing waits its turn behind so much: a close frame would come as late.
    if (pending() > markBytes + MOST_BYTES) return socket.terminate()
    queue.push(parts)
    if (aboveMark()) stall.begin()
    if (due) return
    due = true
    request.turnEnd.add(endTurn)
  }

  return {
    send: message => push([Buffer.from(message)]),
    next(opening, payload) {
      push([opening, bytesOf(payload), CLOSING])
      return !aboveMark()
    },
    onDrain(resume) {
      if (aboveMark()) waiting.add(resume)
      else resume()
    },
    get aboveMark() {
      return aboveMark()
    },
    flush: () => write(Number.POSITIVE_INFINITY),
    discard: queue.clear,
    close() {
      stall.end()
      waiting.clear()
      queue.clear()
    },
  }
}

/** What stands before each result of the operation of that id. */
export function resultOpening(operationId: string): Uint8Array {
  return Buffer.from(`{"id":${JSON.stringify(operationId)},"type":"next","payload":`)
}

const CLOSING = Buffer.from('}')

const encoded = new WeakMap<Payload, Uint8Array>()

/** The result in UTF-8, made once for all sockets that are to get it. */
function bytesOf(payload: Payload): Uint8Array {
  const known = encoded.get(payload)
  if (known !== undefined) return known
  const bytes = Buffer.from(payload.json)
  encoded.set(payload, bytes)
  return bytes
}
