import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { readEvents } from '../../transport/sse-fixture.ts'

/** The two ways of a subscription, each opened once and not again: who comes back is the caller's matter. */
export type Channel = 'WebSocket' | 'SSE'

export interface Subscribing {
  readonly url: URL
  readonly authorization: string
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  /** Of a durable stream: the position of the last result that was taken. */
  readonly resumeAfter?: string
}

/** A result, as it came. */
export interface Result {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: unknown
  readonly extensions?: { readonly position?: string }
}

/** How it ended: as it should, by a refusal, or because the connection went. */
export type Ending =
  | { readonly type: 'complete' }
  | { readonly type: 'refused'; readonly code: string }
  | { readonly type: 'cut'; readonly why: string }

export interface Listener {
  next(result: Result): void
  end(ending: Ending): void
}

/** Returns how the client leaves, without a goodbye; nothing is heard after that. */
export function openChannel(channel: Channel, subscribing: Subscribing, listener: Listener): () => void {
  let over = false
  const open = channel === 'WebSocket' ? openSocket : openEventStream
  const leave = open(subscribing, {
    next(result) {
      if (!over) listener.next(result)
    },
    end(ending) {
      if (!over) listener.end(ending)
      over = true
    },
  })
  return () => {
    over = true
    leave()
  }
}

/** One that is left before it is open throws at nobody. */
class PatientSocket extends WebSocket {
  constructor(address: string | URL, protocols?: string | string[]) {
    super(address, protocols)
    this.on('error', () => undefined)
  }
}

function openSocket({ url, authorization, query, variables, resumeAfter }: Subscribing, listener: Listener) {
  const client = createClient({
    url: url.href.replace('http', 'ws'),
    webSocketImpl: PatientSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
  })
  client.subscribe(
    { query, ...(variables && { variables }), ...(resumeAfter && { extensions: { resumeAfter } }) },
    {
      next: result => listener.next(result as Result),
      error: why => listener.end(endingOf(why)),
      complete: () => listener.end({ type: 'complete' }),
    },
  )
  return () => client.terminate()
}

function openEventStream({ url, authorization, query, variables, resumeAfter }: Subscribing, listener: Listener) {
  const leaving = new AbortController()
  read().then(listener.end, why => listener.end(endingOf(why)))
  return () => leaving.abort()

  async function read(): Promise<Ending> {
    const response = await fetch(url, {
      method: 'POST',
      signal: leaving.signal,
      headers: {
        accept: 'text/event-stream',
        authorization,
        'content-type': 'application/json',
        ...(resumeAfter && { 'last-event-id': resumeAfter }),
      },
      body: JSON.stringify({ query, variables }),
    })
    for await (const { event, data, id } of readEvents(response)) {
      if (event === 'complete') return { type: 'complete' }
      const result: Result = JSON.parse(data)
      if (result.data == null) return endingOf(result.errors)
      if (id !== undefined && id !== result.extensions?.position) throw new Error(`the event's id is ${id}`)
      listener.next(result)
    }
    return { type: 'cut', why: 'the stream ended' }
  }
}

function endingOf(why: unknown): Ending {
  if (Array.isArray(why)) return { type: 'refused', code: String(why[0]?.extensions?.code) }
  if (typeof why === 'object' && why !== null && 'code' in why) return { type: 'cut', why: String(why.code) }
  return {
    type: 'cut',
    why: typeof why === 'object' && why !== null && 'message' in why ? String(why.message) : String(why),
  }
}
