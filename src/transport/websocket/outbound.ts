import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Clock } from '../../domain/clock.ts'
import type { Payload } from '../../stream/selection.ts'
import type { TurnEnd } from './turn-end.ts'

/** The bounded writer of one socket: the only way out for graphql-ws's frames and for ours, so that they keep their order. */
export interface Outbound {
  /** Writes one frame; drops it when the socket is no longer open. */
  send(frame: string): void
  /** Writes one result of an operation, given its id as JSON; returns whether the socket is still below its mark. */
  next(jsonId: string, payload: Payload): boolean
  /** Calls `resume` once: now when the socket is below its mark, else when its buffer has emptied. */
  onDrain(resume: () => void): void
  readonly aboveMark: boolean
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
  /** The client has taken nothing for `stallMs` while above its mark. */
  readonly onStall: () => void
}

/**
 * How many bytes above the mark may wait at most. A subscription above its mark lags and writes no more, but the answers to what a client has asked already all
 * come: one that asks for much at once and does not read is cut off.
 */
const MOST_BYTES = 67_108_864

export function createOutbound(request: OutboundRequest): Outbound {
  const { socket, stream, clock } = request
  const waiting = new Set<() => void>()
  let corked = false
  let cancelStall: (() => void) | undefined

  // bufferedAmount counts what waits in the stream too, corked bytes included.
  const aboveMark = () => socket.bufferedAmount > request.markBytes

  const uncork = () => {
    corked = false
    stream.uncork()
  }

  const send = (frame: string) => {
    if (socket.readyState !== socket.OPEN) return
    // Nothing waits its turn behind so much: a close frame would come as late.
    if (socket.bufferedAmount > request.markBytes + MOST_BYTES) return socket.terminate()
    if (!corked) {
      corked = true
      stream.cork()
      request.turnEnd.add(uncork)
    }
    socket.send(frame)
    if (cancelStall === undefined && aboveMark()) cancelStall = clock.after(request.stallMs, request.onStall)
  }

  const drained = () => {
    cancelStall?.()
    cancelStall = undefined
    // One that resumes may fill the buffer again: then the others go on waiting.
    for (const resume of waiting) {
      if (aboveMark()) return
      waiting.delete(resume)
      resume()
    }
  }
  stream.on('drain', drained)

  return {
    send,
    next(jsonId, payload) {
      send(`{"id":${jsonId},"type":"next","payload":${payload.json}}`)
      return !aboveMark()
    },
    onDrain(resume) {
      if (aboveMark()) waiting.add(resume)
      else resume()
    },
    get aboveMark() {
      return aboveMark()
    },
    close() {
      stream.off('drain', drained)
      cancelStall?.()
      waiting.clear()
    },
  }
}
