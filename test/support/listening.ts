import type { Client } from 'graphql-ws'
import { readEvents } from '../transport/sse-fixture.ts'
import type { Answer, Person, TestServer } from './server.ts'

type Result<Data> = Answer & { readonly data: Data }

/** What a subscription has said so far, and how it ended. */
export interface Listening<Data = Record<string, unknown>> {
  readonly results: readonly Result<Data>[]
  /** Resolves with undefined when it is complete, or with what ended it: a close event, or the errors. */
  readonly ended: Promise<unknown>
  /** Resolves with the first result that fits, past or to come; rejects when the operation ends before. */
  first(fits: (data: Data) => boolean): Promise<Data>
  /** The client's leaving. */
  stop(): void
}

export interface Subscribing {
  readonly variables?: Record<string, unknown>
  readonly extensions?: Record<string, unknown>
}

/** Subscribes with a stock graphql-ws client. */
export function listen<Data = Record<string, unknown>>(
  client: Client,
  query: string,
  rest: Subscribing = {},
): Listening<Data> {
  return collect<Data>(({ next, end }) =>
    client.subscribe<Data>({ query, ...rest }, { next, error: end, complete: () => end(undefined) }),
  )
}

/** Subscribes over Server-Sent Events. */
export function listenToEvents<Data = Record<string, unknown>>(
  server: TestServer,
  person: Person,
  query: string,
  rest: Subscribing & { readonly lastEventId?: string } = {},
): Listening<Data> {
  const { lastEventId, ...asked } = rest
  return collect<Data>(({ next, end }) => {
    const leaving = new AbortController()
    read().then(end, end)
    return () => leaving.abort()

    async function read(): Promise<unknown> {
      const response = await fetch(server.url, {
        method: 'POST',
        signal: leaving.signal,
        headers: {
          accept: 'text/event-stream',
          authorization: `Bearer ${person.token}`,
          'content-type': 'application/json',
          ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
        },
        body: JSON.stringify({ query, ...asked }),
      })
      for await (const { event, data } of readEvents(response)) {
        if (event === 'complete') return undefined
        const result: Answer = JSON.parse(data)
        if (result.data == null && result.errors) return result.errors
        next(result)
      }
      return new Error('the stream was cut')
    }
  })
}

interface Collector {
  next(result: unknown): void
  end(why: unknown): void
}

function collect<Data>(start: (collector: Collector) => () => void): Listening<Data> {
  const results: Result<Data>[] = []
  const waiting = new Set<() => void>()
  const { promise: ended, resolve } = Promise.withResolvers<unknown>()
  let over = false
  const wakeAll = () => {
    for (const wake of waiting) wake()
  }
  const stop = start({
    next(result) {
      results.push(result as Result<Data>)
      wakeAll()
    },
    end(why) {
      over = true
      resolve(why)
      wakeAll()
    },
  })
  return {
    results,
    ended,
    stop,
    async first(fits) {
      for (;;) {
        const found = results.find(result => result.data && fits(result.data))
        if (found !== undefined) return found.data
        if (over) throw new Error(`the subscription ended: ${describe(await ended)}`)
        const { promise, resolve: wake } = Promise.withResolvers<void>()
        waiting.add(wake)
        await promise
        waiting.delete(wake)
      }
    },
  }
}

function describe(why: unknown): string {
  return why instanceof Error ? why.message : JSON.stringify(why)
}
