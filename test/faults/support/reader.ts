import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/** A bare WebSocket that reads one durable stream, keeps of it what a check needs, and can stop reading. */
export interface Reader {
  /** Numbers of the events that it has read, in the order of their coming. */
  readonly seqs: readonly number[]
  /** Milliseconds from a message's own time to its reading, of those that say their time. */
  readonly delays: number[]
  readonly position: string
  /** Resolves to the close code. */
  readonly closed: Promise<number>
  /** Resolves once all has been told that there was. */
  caughtUp(): Promise<void>
  stopReading(): void
  readOn(): void
  leave(): void
}

export interface Reading {
  readonly url: URL
  readonly authorization: string
  /** Null: the inbox. */
  readonly conversationId: string | null
  readonly resumeAfter?: string
  /** What is asked for of each message. */
  readonly message: string
  /** How many subscriptions beside the one that is looked at, to the same effect. */
  readonly beside?: number
}

interface Frame {
  readonly type: string
  readonly id?: string
  readonly payload?: {
    readonly data?: {
      readonly told?: {
        readonly __typename: string
        readonly seq?: number
        readonly message?: { readonly sentAt?: string }
      }
    }
    readonly extensions?: { readonly position?: string }
  }
}

/** Resolves once it is caught up. */
export async function openReader(reading: Reading): Promise<Reader> {
  const { url, authorization, conversationId, resumeAfter, message, beside = 0 } = reading
  const socket = new WebSocket(url.href.replace('http', 'ws'), 'graphql-transport-ws')
  onTestFinished(() => socket.terminate())
  socket.on('error', () => undefined)
  const closed = once(socket, 'close').then(([code]) => Number(code))
  const seqs: number[] = []
  const delays: number[] = []
  const caughtUp = Promise.withResolvers<void>()
  closed.then(code => caughtUp.reject(new Error(`closed with ${code}`)))
  caughtUp.promise.catch(() => undefined)
  let position = resumeAfter ?? ''

  socket.on('message', (bytes: Buffer) => {
    // The others say the same, and are not looked at, lest the reader be what is slow.
    if (!bytes.subarray(0, 12).includes('"main"') && bytes.subarray(0, 7).includes('"id"')) return
    const { type, payload }: Frame = JSON.parse(bytes.toString())
    if (type === 'error') caughtUp.reject(new Error(bytes.toString()))
    const told = payload?.data?.told
    if (told === undefined) return
    position = payload?.extensions?.position ?? position
    if (told.seq !== undefined) seqs.push(told.seq)
    const sentAt = Number(told.message?.sentAt)
    if (sentAt > 0) delays.push(performance.now() - sentAt)
    if (told.__typename === 'CaughtUp') caughtUp.resolve()
  })

  await once(socket, 'open')
  const say = (frame: object) => socket.send(JSON.stringify(frame))
  say({ type: 'connection_init', payload: { authorization } })
  const stream = conversationId === null ? 'inbox' : 'conversationEvents(conversationId: $id)'
  const query = `subscription Read${conversationId === null ? '' : '($id: ID!)'} {
    told: ${stream} { __typename ... on ConversationEvent { seq } ... on MessageSent { message { ${message} } } }
  }`
  const ids = ['main', ...Array.from({ length: beside }, (_, nth) => `beside ${nth}`)]
  await once(socket, 'message')
  for (const id of ids) {
    const payload = {
      query,
      variables: conversationId === null ? {} : { id: conversationId },
      ...(resumeAfter && { extensions: { resumeAfter } }),
    }
    say({ id, type: 'subscribe', payload })
  }
  return {
    seqs,
    delays,
    get position() {
      return position
    },
    closed,
    caughtUp: () => caughtUp.promise,
    stopReading: () => socket.pause(),
    readOn: () => socket.resume(),
    leave: () => socket.terminate(),
  }
}
