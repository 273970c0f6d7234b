import { setTimeout } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { type Address, addressNow } from './addresses.ts'
import { type GraphqlError, Refused } from './asking.ts'
import type { Heard, HeardStream } from './delivery.ts'
import { authorizationOf } from './people.ts'

/** A stock graphql-ws client with one subscription, which it takes up again at its last position whatever becomes of its sockets. */
export interface Subscriber extends HeardStream {
  /** How many sockets it has had, and how often the subscription was refused as UNAVAILABLE. */
  readonly sockets: number
  readonly refusals: number
  /** Where its newest socket goes to. */
  readonly at: URL | undefined
  /** When each of `heard` came, and when a new socket had caught up: as `performance.now` says. */
  readonly heardAt: readonly number[]
  readonly caughtUpAt: readonly number[]
  /** Resolves with the first item that fits, past or to come; rejects when the subscription has ended for good. */
  first(fits: (item: Heard) => boolean): Promise<Heard>
  stop(): void
}

export interface Subscribing {
  readonly url: Address
  readonly userId: string
  /** What it must be told. */
  readonly conversations: Iterable<string>
  /** Absent: the user's inbox. */
  readonly conversationId?: string
  /** Absent: from now on. */
  readonly after?: string
}

const FIELDS = `__typename position ... on ConversationEvent { seq conversationId } ... on MessageSent { message { id } }`
const INBOX = `subscription { events: inbox { ${FIELDS} } }`
const CONVERSATION = `subscription($id: ID!) { events: conversationEvents(conversationId: $id) { ${FIELDS} } }`

interface Result {
  readonly data?: { readonly events: Item } | null
  readonly errors?: readonly GraphqlError[]
  readonly extensions?: { readonly position: string }
}

interface Item extends Pick<Heard, 'position' | 'seq' | 'conversationId'> {
  readonly __typename: string
  readonly message?: { readonly id: string }
}

/** Milliseconds between two tries, drawn anew each time. */
const PAUSE = { from: 50, to: 300 }

export async function subscribe(options: Subscribing): Promise<Subscriber> {
  const { url, userId, conversationId, after } = options
  const heard: Heard[] = []
  const heardAt: number[] = []
  const caughtUpAt: number[] = []
  const waiting = new Set<() => void>()
  const counts = { sockets: 0, refusals: 0 }
  let at: URL | undefined
  let isNew = false
  let position = after
  let failure: unknown
  let over = false

  const client = createClient({
    url() {
      at = addressNow(url)
      return at.href.replace('http', 'ws')
    },
    webSocketImpl: WebSocket,
    connectionParams: { authorization: await authorizationOf(userId) },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: pause,
    // What ws says of a server that is away is no close event: a stock client would take it for fatal.
    shouldRetry: () => true,
    on: {
      connected() {
        counts.sockets += 1
        isNew = true
      },
    },
  })
  const payload = {
    ...(conversationId === undefined ? { query: INBOX } : { query: CONVERSATION, variables: { id: conversationId } }),
    extensions: {
      // Read anew by each new socket.
      get resumeAfter() {
        return position
      },
    },
  }

  function open(): void {
    client.subscribe(payload, {
      next: result => take(result as Result),
      error: refused,
      complete: () => end('complete'),
    })
  }

  function take(result: Result): void {
    const { data, errors, extensions } = result
    if (!data || extensions?.position !== data.events.position) {
      end(errors === undefined ? new Error(`not as agreed: ${JSON.stringify(result)}`) : new Refused(errors))
      return
    }
    const { __typename: type, message, ...rest } = data.events
    position = rest.position
    heard.push({ type, ...rest, ...(message && { messageId: message.id }) })
    const now = performance.now()
    heardAt.push(now)
    if (isNew && type === 'CaughtUp') {
      caughtUpAt.push(now)
      isNew = false
    }
    wakeAll()
  }

  function refused(why: unknown): void {
    const refusal = Array.isArray(why) ? new Refused(why) : why
    if (over || !(refusal instanceof Refused) || refusal.code !== 'UNAVAILABLE') {
      end(refusal)
      return
    }
    counts.refusals += 1
    void pause().then(() => over || open())
  }

  function end(why: unknown): void {
    if (!over) failure = why
    over = true
    wakeAll()
  }

  function wakeAll(): void {
    for (const wake of waiting) wake()
  }

  function stop(): void {
    over = true
    // It rejects when the client is just trying to connect.
    Promise.resolve(client.dispose()).catch(() => undefined)
  }

  onTestFinished(stop)
  open()
  return {
    name: userId,
    conversations: new Set(options.conversations),
    heard,
    heardAt,
    caughtUpAt,
    ...(after !== undefined && { start: after }),
    get at() {
      return at
    },
    get sockets() {
      return counts.sockets
    },
    get refusals() {
      return counts.refusals
    },
    stop,
    async first(fits) {
      for (;;) {
        const found = heard.find(fits)
        if (found !== undefined) return found
        if (over) throw new Error(`${userId}'s subscription ended`, { cause: failure })
        const { promise, resolve } = Promise.withResolvers<void>()
        waiting.add(resolve)
        await promise
        waiting.delete(resolve)
      }
    },
  }
}

function pause(): Promise<void> {
  return setTimeout(PAUSE.from + Math.random() * (PAUSE.to - PAUSE.from))
}
