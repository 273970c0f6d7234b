import { setTimeout } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { type CloseEvent, WebSocket } from 'ws'
import { readEvents } from '../transport/sse-fixture.ts'
import { authorizationOf } from './nodes.ts'

const INBOX = 'subscription { inbox { __typename position ... on MessageSent { message { id } } } }'

interface Result {
  readonly data: { readonly inbox: { readonly position: string; readonly message?: { readonly id: string } } }
}

/** How a connection ended: a WebSocket's close code, an event stream that was ended, or an attempt that failed. */
export interface Ending {
  readonly how: number | 'stream ended' | 'refused'
  readonly atMs: number
}

/** A client that listens to its inbox for as long as it lives, and after each end goes on from where it was. */
export interface Follower {
  /** The messages' ids, in the order in which they came. */
  readonly messages: readonly string[]
  readonly endings: readonly Ending[]
  /** Resolves once it has been told something for the first time. */
  readonly live: Promise<void>
  stop(): void
}

/** One connection: says each result, and rejects or resolves to how it ended. */
type Connect = (
  after: string | undefined,
  told: (result: Result) => void,
  signal: AbortSignal,
) => Promise<Ending['how']>

export function follow(connect: Connect): Follower {
  const messages: string[] = []
  const endings: Ending[] = []
  const live = Promise.withResolvers<void>()
  const leaving = new AbortController()
  let after: string | undefined

  const told = ({ data }: Result) => {
    after = data.inbox.position
    if (data.inbox.message !== undefined) messages.push(data.inbox.message.id)
    live.resolve()
  }

  async function run(): Promise<void> {
    while (!leaving.signal.aborted) {
      const how = await connect(after, told, leaving.signal).catch(() => 'refused' as const)
      if (leaving.signal.aborted) return
      endings.push({ how, atMs: Date.now() })
      // A stock client waits for longer than that.
      await setTimeout(20 + Math.random() * 80)
    }
  }
  void run()
  return { messages, endings, live: live.promise, stop: () => leaving.abort() }
}

export async function overSocket(url: URL, userId: string): Promise<Connect> {
  const authorization = await authorizationOf(userId)
  return async (resumeAfter, told, signal) => {
    const client = createClient({
      url: url.href.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
      retryAttempts: 0,
    })
    const { promise: ended, resolve, reject } = Promise.withResolvers<Ending['how']>()
    const payload = { query: INBOX, ...(resumeAfter !== undefined && { extensions: { resumeAfter } }) }
    let opened = false
    client.on('opened', () => {
      opened = true
    })
    client.on('closed', event => resolve(opened ? (event as CloseEvent).code : 'refused'))
    client.subscribe(payload, {
      next: result => told(result as Result),
      error: () => undefined,
      complete: () => undefined,
    })
    client.on('error', reject)
    // Rejects once more with what a connection was refused with.
    const dispose = async () => client.dispose()
    signal.addEventListener('abort', () => void dispose().catch(() => undefined))
    return ended
  }
}

export async function overEvents(url: URL, userId: string): Promise<Connect> {
  const authorization = await authorizationOf(userId)
  return async (after, told, signal) => {
    const headers = {
      authorization,
      accept: 'text/event-stream',
      'content-type': 'application/json',
      ...(after !== undefined && { 'last-event-id': after }),
    }
    const response = await fetch(url, { method: 'POST', signal, headers, body: JSON.stringify({ query: INBOX }) })
    for await (const { event, data } of readEvents(response)) if (event === 'next') told(JSON.parse(data))
    return 'stream ended'
  }
}
