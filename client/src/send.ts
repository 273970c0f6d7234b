import type { Client } from 'graphql-ws/client'
import { type BackoffOptions, createBackoff, startPause } from './backoff.ts'
import { errorsOf, pauseAfter, SendError } from './send-failure.ts'
import type { Execute, SendInput, SendOptions, SendPayload, SendRequest, Sent, SentMessage } from './sending.ts'

/** A rate limit is waited for as long as it says, whatever the longest pause. */
export interface SenderOptions extends BackoffOptions {
  /** What is selected of the message, as GraphQL. Default: the fields of `SentMessage`. */
  readonly fields?: string
  /** Makes a `clientMessageId`. Default: 128 random bits. */
  readonly newId?: () => string
}

export interface Sender<Message> {
  /**
   * Sends a message, again and again until there is an answer that would not change: the message or the server's reasons against it. Messages go one after
   * another, in the order of the calls. Rejects with a SendError for any other error of the server, with the signal's reason once that is aborted.
   */
  send(input: SendInput, options?: SendOptions): Promise<Sent<Message>>
}

const FIELDS = 'id conversationId seq clientMessageId createdAt'

export function createSender<Message = SentMessage>(execute: Execute, options: SenderOptions = {}): Sender<Message> {
  const { fields = FIELDS, newId = randomId } = options
  const backoff = createBackoff(options)
  let previous: Promise<unknown> = Promise.resolve()

  async function deliver(
    request: SendRequest,
    clientMessageId: string,
    { signal, onRetry }: SendOptions,
  ): Promise<Sent<Message>> {
    for (let failures = 1; ; failures++) {
      signal?.throwIfAborted()
      const { payload, failure } = await attempt<Message>(execute, request, signal)
      if (payload !== undefined) return { ...payload, clientMessageId }
      const pauseMs = pauseAfter(failure, failures, backoff)
      if (pauseMs === undefined) throw new SendError(clientMessageId, errorsOf(failure), failure)
      onRetry?.(failure, pauseMs)
      const pause = startPause(backoff.clock, pauseMs)
      await unlessAborted(pause.over, signal).finally(pause.skip)
    }
  }

  return {
    send(input, sendOptions = {}) {
      const clientMessageId = input.clientMessageId ?? newId()
      const request = { query: documentOf(input, fields), variables: { input: { ...input, clientMessageId } } }
      const { signal } = sendOptions
      const sent = previous.then(() => unlessAborted(deliver(request, clientMessageId, sendOptions), signal))
      previous = sent.catch(() => undefined)
      return unlessAborted(sent, signal)
    },
  }
}

/** Executes over the socket of a graphql-ws client. */
export function executeOver(client: Client): Execute {
  return async request => {
    const { value } = await client.iterate({ query: request.query, variables: { ...request.variables } }).next()
    return value ?? {}
  }
}

async function attempt<Message>(
  execute: Execute,
  request: SendRequest,
  signal: AbortSignal | undefined,
): Promise<{ readonly payload?: SendPayload<Message>; readonly failure?: unknown }> {
  try {
    const executed = await execute(request, signal)
    const payload = payloadOf<Message>(executed.data)
    return payload === undefined ? { failure: executed } : { payload }
  } catch (failure) {
    return { failure }
  }
}

function documentOf({ userIds }: SendInput, fields: string): string {
  const [name, input] =
    userIds === undefined ? ['sendMessage', 'SendMessageInput'] : ['sendDirectMessage', 'SendDirectMessageInput']
  const selection = `message { ${fields} } position userErrors { code message field }`
  return `mutation Send($input: ${input}!) { sent: ${name}(input: $input) { ${selection} } }`
}

/** What the server said of the message; undefined when it said nothing. */
function payloadOf<Message>(data: unknown): SendPayload<Message> | undefined {
  if (typeof data !== 'object' || data === null || !('sent' in data)) return undefined
  // Of this shape by the schema, and the message's by whoever chose its fields.
  return (data.sent ?? undefined) as SendPayload<Message> | undefined
}

function randomId(): string {
  // Unlike crypto.randomUUID, also there on a page that came over plain HTTP.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
}

async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise
  const { promise: aborted, stop } = whenAborted(signal)
  return Promise.race([promise, aborted]).finally(stop)
}

function whenAborted(signal: AbortSignal): { readonly promise: Promise<never>; stop(): void } {
  let stop = () => {}
  const promise = new Promise<never>((_resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort)
    stop = () => signal.removeEventListener('abort', abort)
  })
  return { promise, stop }
}
