import type { Clock } from '../domain/clock.ts'

/** What a stopping server parts with: a socket or an event stream. */
export interface Departing {
  /** Resolves once it has gone, whoever ended it. */
  readonly gone: Promise<void>
  /** Ends it as a server does that goes away: what runs is finished first, for at most `graceMs`. Resolves once it has gone. */
  drain(graceMs: number): Promise<void>
}

export interface Spread {
  readonly clock: Clock
  readonly spreadMs: number
  readonly graceMs: number
}

/**
 * Parts with all of them, one after the other at an even pace over `spreadMs`, so that not all clients come back in the same moment. Whoever leaves
 * before its turn is not waited for: it ends as soon as all have gone.
 */
export async function depart(all: readonly Departing[], { clock, spreadMs, graceMs }: Spread): Promise<void> {
  const departures = all.map(async (each, index) => {
    const delayMs = (spreadMs * index) / all.length
    if (delayMs > 0) await turn(clock, delayMs, each.gone)
    await each.drain(graceMs)
  })
  await Promise.all(departures)
}

function turn(clock: Clock, delayMs: number, gone: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = clock.after(delayMs, resolve)
  return Promise.race([promise, gone]).finally(cancel)
}
