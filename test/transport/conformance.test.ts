import type { ExecutionResult } from 'graphql'
import { createClient } from 'graphql-ws'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { allEvents } from './sse-fixture.ts'
import { AUTHORIZATION, startTransport, type TransportFixture } from './transport-fixture.ts'

type Ask = (fixture: TransportFixture, query: string, variables?: Record<string, unknown>) => Promise<ExecutionResult>

/** One operation and its one result, over each of the ways in. */
const TRANSPORTS: Readonly<Record<string, Ask>> = {
  POST: async ({ url }, query, variables) => json(await post(url, { query, variables })),
  GET: async ({ url }, query, variables) => {
    const parameters = new URLSearchParams({ query, variables: JSON.stringify(variables ?? {}) })
    return json(await fetch(`${url}?${parameters}`, { headers: AUTHORIZATION }))
  },
  SSE: async ({ url }, query, variables) => {
    const response = await post(url, { query, variables }, { accept: 'text/event-stream' })
    const [event] = await allEvents(response)
    return JSON.parse(event?.data ?? '')
  },
  WebSocket: async ({ wsUrl }, query, variables) => {
    const client = createClient({
      url: wsUrl,
      webSocketImpl: WebSocket,
      connectionParams: AUTHORIZATION,
      retryAttempts: 0,
    })
    try {
      const { value } = await client.iterate({ query, variables: variables ?? {} }).next()
      return value
    } catch (error) {
      if (!Array.isArray(error)) throw error
      return { errors: error }
    } finally {
      await client.dispose()
    }
  },
}

function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...AUTHORIZATION, ...headers },
    body: JSON.stringify(body),
  })
}

async function json(response: Response): Promise<ExecutionResult> {
  return JSON.parse(await response.text())
}

function codes(result: ExecutionResult): unknown[] {
  return (result.errors ?? []).map(error => error.extensions['code'])
}

describe.each(Object.entries(TRANSPORTS))('over %s', (name, ask) => {
  test('a query is answered with its data', async () => {
    expect(await ask(await startTransport(), '{ hello whoami }')).toEqual({
      data: { hello: 'world', whoami: 'alice/acme' },
    })
  })

  test('variables arrive', async () => {
    const result = await ask(await startTransport(), 'query Q($size: Int!) { big(size: $size) }', { size: 3 })
    expect(result).toEqual({ data: { big: 'xxx' } })
  })

  test('a document that does not parse is one error, and nothing runs', async () => {
    const fixture = await startTransport()
    expect(codes(await ask(fixture, '{ hello'))).toEqual(['GRAPHQL_PARSE_FAILED'])
    expect(fixture.engine.executed).toEqual([])
  })

  test('a document that does not validate is one error, and nothing runs', async () => {
    const fixture = await startTransport()
    expect(codes(await ask(fixture, '{ hello nonsense }'))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect(fixture.engine.executed).toEqual([])
  })

  test('a fault inside says nothing of the inside', async () => {
    const result = await ask(await startTransport(), '{ broken hello }')
    expect(result.data).toEqual({ broken: null, hello: 'world' })
    expect(codes(result)).toEqual(['INTERNAL_SERVER_ERROR'])
    expect(JSON.stringify(result)).not.toContain('SELECT')
  })

  test('a refused subscription is one error with its code', async () => {
    const result = await ask(await startTransport(), 'subscription { denied }')
    expect(codes(result)).toEqual(['NOT_FOUND'])
  })

  test('results that the stream writes at once arrive all, in order, the first one first', async () => {
    const result = await first(await startTransport(), name)
    expect(result).toEqual({ data: { eager: 1 } })
  })

  if (name !== 'GET') {
    test('a mutation runs once', async () => {
      const fixture = await startTransport()
      expect(await ask(fixture, 'mutation { bump }')).toEqual({ data: { bump: 1 } })
      expect(fixture.engine.executed).toEqual(['bump'])
    })

    test('a rate limit is an error at its path beside null', async () => {
      const result = await ask(await startTransport(), 'mutation { limited }')
      expect(result.data).toEqual({ limited: null })
      expect(result.errors?.[0]).toMatchObject({
        path: ['limited'],
        extensions: { code: 'RATE_LIMITED', retryAfterMs: 5 },
      })
    })
  }
})

/** The first result of `eager`; the ways of a single result take the stream that is behind them. */
async function first(fixture: TransportFixture, name: string): Promise<unknown> {
  const query = 'subscription { eager }'
  if (name === 'WebSocket' || name === 'SSE') return TRANSPORTS[name]?.(fixture, query)
  const response =
    name === 'POST'
      ? await post(fixture.url, { query })
      : await fetch(`${fixture.url}?${new URLSearchParams({ query })}`, { headers: AUTHORIZATION })
  const events = await allEvents(response)
  expect(events.map(event => event.event)).toEqual(['next', 'next', 'next', 'complete'])
  return JSON.parse(events[0]?.data ?? '')
}
