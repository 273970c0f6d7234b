import type { ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import type { Clock } from '../../domain/clock.ts'
import type { RequestError } from '../../domain/errors.ts'
import type { Viewer } from '../../domain/viewer.ts'
import type { Engine } from '../../graphql/engine.ts'
import type { Payload } from '../../stream/selection.ts'
import type { Sink, Subscription } from '../../stream/sink.ts'
import type { Departing } from '../depart.ts'
import { createExpiry } from '../expiry.ts'
import { HeldSink } from '../held-sink.ts'
import type { WatchToken } from '../session.ts'
import { createStallWatch } from '../stall-watch.ts'

/** One operation over Server-Sent Events ("distinct connections mode" of GraphQL over SSE), written to its response. */
export interface EventStream extends Departing {
  readonly sink: Sink
  /** Begins the stream of a subscription that has opened. */
  open(subscription: Subscription): void
}

export interface EventStreamRequest {
  readonly response: ServerResponse
  readonly viewer: Viewer
  readonly clock: Clock
  readonly watchToken: WatchToken
  readonly mask: Engine['mask']
  readonly heartbeatMs: number
  /** Bytes that may wait for the client; above, its subscription lags. */
  readonly markBytes: number
  readonly stallMs: number
  /** Whether the server goes away: what opens then is ended at once. */
  readonly draining: () => boolean
  readonly onOpened: () => void
  /** After `onOpened`, once, when nothing more is said. */
  readonly onClosed: () => void
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // nginx would hold events back.
  'x-accel-buffering': 'no',
}

/** A single result as an event stream of its own. */
export function singleResult(result: ExecutionResult): string {
  return `${nextEvent(JSON.stringify(result), null)}event: complete\ndata:\n\n`
}

export function createEventStream(request: EventStreamRequest): EventStream {
  const { response, clock, markBytes } = request
  const gone = Promise.withResolvers<void>()
  let subscription: Subscription | undefined
  let cancelBeat = () => {}
  let resumeLater: (() => void) | undefined
  const stall = createStallWatch(clock, request.stallMs, () => response.destroy())

  const aboveMark = () => response.writableLength > markBytes

  /** The client has taken what one write brought. `drain` would not do: it says nothing of a mark below what Node itself buffers. */
  const taken = () => {
    stall.progress()
    if (response.writableLength > 0) return
    stall.end()
    const resume = resumeLater
    resumeLater = undefined
    resume?.()
  }

  const write = (text: string): boolean => {
    if (response.writableEnded || response.destroyed) return false
    response.write(text, taken)
    if (aboveMark()) stall.begin()
    return !aboveMark()
  }

  const beat = () => {
    // A client that lags has enough to read.
    if (!aboveMark()) write(':\n\n')
    cancelBeat = clock.after(request.heartbeatMs, beat)
  }

  const leave = () => {
    held.close()
    expiry.close()
    unwatch()
    cancelBeat()
    if (subscription === undefined) return
    subscription.close()
    subscription = undefined
    request.onClosed()
  }

  /** Nothing more is said; a client that does not take what is still to be read is not waited for. */
  const finish = () => {
    leave()
    response.setTimeout(request.stallMs)
    response.end()
  }

  const complete = (error?: RequestError) => {
    if (error !== undefined) write(nextEvent(JSON.stringify({ errors: [request.mask(error)] }), null))
    write('event: complete\ndata:\n\n')
    finish()
  }

  const held = new HeldSink(request.viewer.userId, {
    write: ({ json, position }: Payload) => write(nextEvent(json, position)),
    onDrain(resume) {
      if (aboveMark()) resumeLater = resume
      else resume()
    },
    end: complete,
  })

  // 4403 says to a socket's client "come back with a new token": so does an end without `complete`.
  const expiry = createExpiry(clock, request.viewer.expiresAt, finish)
  const unwatch = request.watchToken(request.viewer, finish)

  const closed = () => {
    leave()
    stall.end()
    gone.resolve()
  }

  // A client may have left before its token was verified.
  if (response.destroyed) closed()
  else response.once('close', closed)

  return {
    sink: held,
    open(opened) {
      if (response.writableEnded || response.destroyed) return opened.close()
      subscription = opened
      request.onOpened()
      // Its heartbeat may be slower than what ends other answers that stand still.
      response.setTimeout(0)
      response.writeHead(200, HEADERS)
      response.flushHeaders()
      beat()
      held.release()
      if (request.draining()) finish()
    },
    // Without `complete`: the client is to come back, with `Last-Event-ID`.
    async drain(graceMs) {
      finish()
      const cancel = clock.after(graceMs, () => response.destroy())
      await gone.promise
      cancel()
    },
    gone: gone.promise,
  }
}

/** One `next` event. `json` has no line break: JSON.stringify escapes them. */
function nextEvent(json: string, position: string | null): string {
  return `${position === null ? '' : `id: ${position}\n`}event: next\ndata: ${json}\n\n`
}
