import { vi } from 'vitest'
import type { Answer, Person, TestServer } from '../../support/server.ts'
import { openKnownSocket, type SocketFixture, subscribeFrame } from '../../transport/socket-fixture.ts'
import { allEvents } from '../../transport/sse-fixture.ts'

/** What a client asks, as its JSON says it. */
export interface Asked {
  readonly query: string
  readonly variables?: unknown
  readonly operationName?: string
  readonly extensions?: unknown
}

/** Asks once and resolves to the one answer. */
export type Ask = (asked: Asked) => Promise<Answer>

export const WAYS = ['POST', 'GET', 'SSE', 'WebSocket'] as const
export type Way = (typeof WAYS)[number]

/** Longer addresses than these are answered 431 by Node itself, without a body. */
const LONGEST_ADDRESS = 15_000

/** Whether the way can say it at all. */
export function canSay(way: Way, asked: Asked): boolean {
  return way !== 'GET' || addressOf('http://localhost/graphql', asked).length < LONGEST_ADDRESS
}

export function askBy(way: Way, server: TestServer, person: Person, line: Line): Ask {
  if (way === 'WebSocket') return line.ask
  if (way === 'GET') return async asked => read(await get(server, person, asked))
  const accept = way === 'SSE' ? 'text/event-stream' : 'application/json'
  return async asked => read(await post(server, person, JSON.stringify(asked), { accept }))
}

/** A POST of any body; a JSON one unless the headers say otherwise. */
export function post(
  server: TestServer,
  { token }: Person,
  body: string | FormData | URLSearchParams,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const json = typeof body === 'string' ? { 'content-type': 'application/json' } : {}
  return fetch(server.url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...json, ...headers },
    body,
  })
}

export function get(
  server: TestServer,
  { token }: Person,
  asked: Asked,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(addressOf(server.url.href, asked), { headers: { authorization: `Bearer ${token}`, ...headers } })
}

function addressOf(url: string, { query, variables, operationName, extensions }: Asked): string {
  const parameters = new URLSearchParams({ query })
  if (variables !== undefined) parameters.set('variables', JSON.stringify(variables))
  if (operationName !== undefined) parameters.set('operationName', operationName)
  if (extensions !== undefined) parameters.set('extensions', JSON.stringify(extensions))
  return `${url}?${parameters}`
}

/** The one result of a response, whichever way it is written. */
export async function read(response: Response): Promise<Answer> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.json()
  const [event] = await allEvents(response)
  return JSON.parse(event?.data ?? '')
}

/** A socket of a person whose inbox stays open beside whatever else is said over it. */
export interface Line extends SocketFixture {
  readonly ask: Ask
  /** Resolves once the inbox has said this text; fails when it does not. */
  hears(text: string): Promise<unknown>
}

const INBOX = 'subscription { inbox { __typename ... on MessageSent { message { content } } } }'

/** Gone with its test. */
export async function openLine(server: TestServer, { token }: Person): Promise<Line> {
  const fixture = await openKnownSocket(server.url.href.replace('http', 'ws'), `Bearer ${token}`)
  const { frames, say } = fixture
  let asked = 0

  /** What the inbox or an operation has said. */
  const answers = (id: string) => frames.filter(frame => frame.id === id && frame.type !== 'complete')
  const waitFor = <Value>(condition: () => Value) => vi.waitFor(condition, { interval: 2, timeout: 10_000 })

  say(subscribeFrame('inbox', INBOX))
  await waitFor(() => present(answers('inbox')[0]))
  return {
    ...fixture,
    async ask({ query, ...rest }) {
      const id = `asked-${++asked}`
      say(subscribeFrame(id, query, rest))
      const { type, payload } = await waitFor(() => present(answers(id)[0]))
      // The protocol's own shapes: `error` carries the errors, `next` a result.
      return (type === 'error' ? { errors: payload } : payload) as Answer
    },
    hears: text =>
      waitFor(() => present(answers('inbox').find(({ payload }) => JSON.stringify(payload).includes(text)))),
  }
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('It has not come.')
  return value
}

export function codesOf({ errors = [] }: Answer): readonly unknown[] {
  return errors.map(error => error.extensions['code'])
}
