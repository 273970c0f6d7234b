import type { Load } from './senders.ts'
import type { Subscriber } from './subscriber.ts'

/** A stretch of time, in milliseconds as `performance.now` says. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Milliseconds that each send took that was begun within the span, all its tries together. */
export function sendDelays({ times }: Load, { from, to }: Span): readonly number[] {
  return times.flatMap(({ begun, ended }) => (begun >= from && begun < to ? [ended - begun] : []))
}

/** Milliseconds from the beginning of each send, begun within the span, until each subscriber heard of it. */
export function deliveryDelays(load: Load, subscribers: readonly Subscriber[], { from, to }: Span): readonly number[] {
  const begun = new Map(load.acknowledged.map(({ id }, index) => [id, load.times[index]?.begun ?? 0]))
  return subscribers.flatMap(({ heard, heardAt }) =>
    heard.flatMap(({ messageId = '' }, index) => {
      const sent = begun.get(messageId)
      return sent !== undefined && sent >= from && sent < to ? [(heardAt[index] ?? 0) - sent] : []
    }),
  )
}
