import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Clock } from '../../domain/clock.ts'
import type { Payload } from '../../stream/selection.ts'
import type { TransportOptions } from '../options.ts'
import { createStallWatch, type StallWatch } from '../stall-watch.ts'
import type { ChunkMemory } from './chunk-memory.ts'
import { Frame, OPENING } from './frame.ts'
import { FrameQueue } from './frame-queue.ts'
import type { Due, TurnEnd } from './turn-end.ts'

export interface OutboundRequest {
  readonly socket: Ending
  /** What the WebSocket writes to. */
  readonly stream: Duplex
  readonly context: {
    readonly clock: Clock
    readonly options: Pick<TransportOptions, 'outboundMarkBytes' | 'stallMs'>
    readonly turnEnd: TurnEnd
    readonly chunkMemory: ChunkMemory
  }
  readonly reader: Reader
}

/** The WebSocket that writes are for. */
export type Ending = Pick<WebSocket, 'OPEN' | 'readyState' | 'terminate'>

export interface Reader {
  /** The client has taken nothing for `stallMs` of what waited above its mark. */
  onStall(): void
}

/**
 * How many bytes above the mark may wait at most. A subscription above its mark lags and writes no more, but the answers to what a client has asked already all
 * come: one that asks for much at once and does not read is cut off.
 */
const MOST_BYTES = 67_108_864

/** How many bytes are handed to the system at once: by so much a client's progress is told. */
const CHUNK_BYTES = 65_536

/**
 * The bounded writer of one socket: the only way out for graphql-ws's messages and for ours, so that they keep their order. What a turn of the event
 * loop has for the socket leaves in one write; what the client does not take yet waits here, as references to what all sockets share.
 */
export class Outbound implements Due {
  readonly #socket: Ending
  readonly #stream: Duplex
  readonly #context: OutboundRequest['context']
  readonly #reader: Reader
  readonly #markBytes: number
  readonly #queue = new FrameQueue()
  /** Those that wait for the client to take half of its mark. Most clients take what they get. */
  #waiting: Set<() => void> | null = null
  #stall: StallWatch | null = null
  /** Bytes that the system has not taken yet, and in how many writes they were given to it. */
  #underWay = 0
  #writes = 0
  #due = false
  readonly #onTaken = () => this.#taken()

  constructor({ socket, stream, context, reader }: OutboundRequest) {
    this.#socket = socket
    this.#stream = stream
    this.#context = context
    this.#reader = reader
    this.#markBytes = context.options.outboundMarkBytes
  }

  get aboveMark(): boolean {
    return this.#pending > this.#markBytes
  }

  /** Writes one message; drops it when the socket is no longer open. */
  send(message: string): void {
    const bytes = Buffer.from(message)
    this.#push(bytes, new Frame(OPENING.whole, bytes.length, null))
  }

  /** Writes one result of an operation, after `opening`, which is what `resultOpening` made of its id; returns whether the socket is still below its mark. */
  next(opening: Uint8Array, payload: Payload): boolean {
    this.#push(opening, frameAfter(opening, payload))
    return !this.aboveMark
  }

  /** Calls `resume` once: now when the socket is below its mark, else when half of it has been taken. */
  onDrain(resume: () => void): void {
    if (this.aboveMark) {
      this.#waiting ??= new Set()
      this.#waiting.add(resume)
    } else resume()
  }

  /** Hands all that waits to the socket: what is written past this writer, a close frame, follows it. */
  flush(): void {
    this.#write(Number.POSITIVE_INFINITY)
  }

  /** Drops what waits. */
  discard(): void {
    this.#queue.clear()
  }

  endTurn(): void {
    this.#due = false
    if (this.#underWay === 0) this.#writeOn()
  }

  close(): void {
    this.#stall?.end()
    this.#waiting = null
    this.#queue.clear()
  }

  get #pending(): number {
    return this.#queue.bytes + this.#underWay
  }

  #push(head: Uint8Array, frame: Frame): void {
    const socket = this.#socket
    if (socket.readyState !== socket.OPEN) return
    // Nothing waits its turn behind so much: a close frame would come as late.
    if (this.#pending > this.#markBytes + MOST_BYTES) {
      socket.terminate()
      return
    }
    this.#queue.push(head, frame)
    if (this.aboveMark) this.#watch()
    if (this.#due) return
    this.#due = true
    this.#context.turnEnd.add(this)
  }

  #watch(): void {
    const { clock, options } = this.#context
    this.#stall ??= createStallWatch(clock, options.stallMs, () => this.#reader.onStall())
    this.#stall.begin()
  }

  /** After a close frame nothing may follow: written all the same, it would break the connection off before the frame has left. */
  #writeOn(): void {
    const socket = this.#socket
    if (socket.readyState === socket.OPEN) this.#write(CHUNK_BYTES)
    else this.#queue.clear()
  }

  #write(maxBytes: number): void {
    const stream = this.#stream
    const { chunkMemory } = this.#context
    for (let chunk = this.#queue.take(maxBytes); chunk !== null; chunk = this.#queue.take(maxBytes)) {
      stream.write(chunkMemory.put(chunk))
      // A stream of another kind may hand on what it was given without taking it.
      if (stream.writableLength > 0 || !(stream instanceof Socket)) {
        this.#await(chunk.length)
        return
      }
      this.#progress()
    }
  }

  /** The system has not taken all of it: an empty write is called back after it. */
  #await(bytes: number): void {
    this.#context.chunkMemory.leave()
    this.#underWay += bytes
    this.#writes++
    this.#stream.write(NOTHING, this.#onTaken)
  }

  #taken(): void {
    this.#writes--
    // A second write follows a first one only when the socket closes: until both are taken, none counts.
    if (this.#writes === 0) this.#underWay = 0
    this.#progress()
    if (this.#writes === 0) this.#writeOn()
  }

  #progress(): void {
    this.#stall?.progress()
    if (this.#waiting !== null && this.#pending <= this.#markBytes / 2) this.#wake(this.#waiting)
    if (this.#pending === 0) this.#stall?.end()
  }

  /** One that resumes may fill the queue again: then the others go on waiting. */
  #wake(waiting: Set<() => void>): void {
    for (const resume of waiting) {
      if (this.aboveMark) return
      waiting.delete(resume)
      resume()
    }
  }
}

const NOTHING = Buffer.alloc(0)

/**
 * What stands before each result of the operation of that id. It lives as long as the operation: copied out of the pool that `Buffer.from` cuts it from, of which
 * a few bytes would hold 8 KB.
 */
export function resultOpening(operationId: string): Uint8Array {
  return new Uint8Array(Buffer.from(`{"id":${JSON.stringify(operationId)},"type":"next","payload":`))
}

/** The result in UTF-8 and the end of its message, made once for all sockets that are to get it after an opening of that length. */
function frameAfter(opening: Uint8Array, payload: Payload): Frame {
  const made = payload.wire instanceof Frame ? payload.wire : undefined
  if (made?.headLength === opening.length) return made
  const frame = new Frame(OPENING.whole, opening.length, made?.body ?? Buffer.from(`${payload.json}}`))
  payload.wire = frame
  return frame
}
