import { setTimeout } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { askOverSocket } from '../faults/support/asking.ts'
import { authorizationOf } from '../faults/support/people.ts'

export interface Listener {
  /** Keys of messages as one subscription told them, over all of its sockets. */
  readonly told: readonly string[]
  stop(): void
}

const EVENTS = /* GraphQL */ `
  subscription Events($id: ID!) {
    conversationEvents(conversationId: $id) { ... on MessageSent { message { clientMessageId } } }
  }
`
const SEND = /* GraphQL */ `
  mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }
`

interface Result {
  readonly data?: { readonly conversationEvents: { readonly message?: { readonly clientMessageId: string } } } | null
  readonly extensions?: { readonly position?: string }
}

/** A stock graphql-ws client that tries again for ever. Where a result names its position, it gives the last one back when it comes again. */
export async function listen(url: URL, userId: string, conversationId: string): Promise<Listener> {
  const told: string[] = []
  let position: string | undefined
  let over = false
  const client = createClient({
    url: url.href.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: await authorizationOf(userId) },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: pause,
    shouldRetry: () => true,
  })
  const payload = {
    query: EVENTS,
    variables: { id: conversationId },
    extensions: {
      get resumeAfter() {
        return position
      },
    },
  }
  const again = () => void pause().then(() => over || open())

  function open(): void {
    client.subscribe(payload, {
      next(result) {
        const { data, extensions } = result as Result
        position = extensions?.position ?? position
        const key = data?.conversationEvents.message?.clientMessageId
        if (key !== undefined) told.push(key)
      },
      error: again,
      complete: again,
    })
  }

  function stop(): void {
    over = true
    Promise.resolve(client.dispose()).catch(() => undefined)
  }

  onTestFinished(stop)
  open()
  return { told, stop }
}

function pause(): Promise<void> {
  return setTimeout(50 + Math.random() * 250)
}

/** What was sent, and acknowledged, by room. */
export interface Sending {
  readonly acknowledged: ReadonlyMap<string, readonly string[]>
  /** Milliseconds from the beginning of each send until its answer, tries again included. */
  readonly waits: readonly number[]
  /** Resolves once all are acknowledged. */
  readonly over: Promise<void>
}

export interface SendingOptions {
  readonly url: URL
  readonly userId: string
  readonly rooms: readonly string[]
  readonly perSecond: number
  readonly count: number
  /** Begins every key, which no other sending of this user may share. */
  readonly name: string
}

/** Sends at a steady pace over a socket of its own, whether or not answers come, and each again until there is an answer. */
export async function startSending({ url, userId, rooms, perSecond, count, name }: SendingOptions): Promise<Sending> {
  const ask = await askOverSocket(url, userId)
  const acknowledged = new Map<string, string[]>(rooms.map(room => [room, []]))
  const waits: number[] = []
  const began = performance.now()

  async function send(number: number): Promise<void> {
    await setTimeout(Math.max(0, began + (number * 1_000) / perSecond - performance.now()))
    const clientMessageId = `${name} ${number}`
    const conversationId = rooms[number % rooms.length] ?? ''
    const input = { conversationId, content: `this is ${clientMessageId}`, clientMessageId }
    const begun = performance.now()
    while (!(await ask<{ sendMessage: object | null }>(SEND, { input }).catch(() => undefined))?.sendMessage) {
      await pause()
    }
    waits.push(performance.now() - begun)
    acknowledged.get(conversationId)?.push(clientMessageId)
  }

  const all = Promise.all(Array.from({ length: count }, (_, number) => send(number)))
  return { acknowledged, waits, over: all.then(() => undefined) }
}
