import { expect, test } from 'vitest'
import { RequestError } from '../../../src/domain/errors.ts'
import { openKnownSocket } from '../socket-fixture.ts'
import { allEvents, readBlocks, readEvents } from '../sse-fixture.ts'
import { AUTHORIZATION, startTransport, type TransportFixture } from '../transport-fixture.ts'

async function openTicks(fixture: TransportFixture, headers: Record<string, string> = {}, signal?: AbortSignal) {
  const asked = fetch(fixture.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...AUTHORIZATION, ...headers },
    body: '{"query":"subscription { ticks }"}',
    ...(signal === undefined ? {} : { signal }),
  })
  await expect.poll(() => fixture.engine.feeds.length).toBe(1)
  const [feed] = fixture.engine.feeds
  if (feed === undefined) throw new Error('no feed')
  return { response: await asked, feed }
}

test('each result is a next event under its position, and the end is complete', async () => {
  const { response, feed } = await openTicks(await startTransport())
  expect(response.status).toBe(200)
  feed.sink.write({ json: '{"data":{"ticks":1}}', position: 'p1' })
  feed.sink.write({ json: '{"data":{"ticks":2}}', position: null })
  feed.sink.end()
  expect(await allEvents(response)).toEqual([
    { event: 'next', data: '{"data":{"ticks":1}}', id: 'p1' },
    { event: 'next', data: '{"data":{"ticks":2}}', id: undefined },
    { event: 'complete', data: '', id: undefined },
  ])
})

test('an error that ends the operation is a next with errors, then complete', async () => {
  const { response, feed } = await openTicks(await startTransport())
  feed.sink.end(new RequestError('ACCESS_REVOKED', 'You are no longer in that conversation.'))
  const [error, complete] = await allEvents(response)
  expect(error?.event).toBe('next')
  expect(JSON.parse(error?.data ?? '')).toEqual({
    errors: [{ message: 'You are no longer in that conversation.', extensions: { code: 'ACCESS_REVOKED' } }],
  })
  expect(complete?.event).toBe('complete')
})

test('Last-Event-ID is where the stream resumes', async () => {
  const fixture = await startTransport()
  await openTicks(fixture, { 'last-event-id': 'p7' })
  expect(fixture.engine.feeds[0]?.resumeAfter).toBe('p7')
})

test('without Last-Event-ID the request itself says where', async () => {
  const fixture = await startTransport()
  await openTicks(fixture)
  expect(fixture.engine.feeds[0]?.resumeAfter).toBeUndefined()
})

test('a quiet stream says something every 15 seconds', async () => {
  const fixture = await startTransport()
  const { response, feed } = await openTicks(fixture)
  fixture.clock.advance(45_000)
  feed.sink.end()
  const blocks: string[] = []
  for await (const block of readBlocks(response)) blocks.push(block)
  expect(blocks.filter(block => block === ':')).toHaveLength(4)
})

test('a client that goes closes its subscription, and leaves no timer', async () => {
  const fixture = await startTransport()
  const before = fixture.clock.pending
  const abort = new AbortController()
  const { feed } = await openTicks(fixture, {}, abort.signal)
  abort.abort()
  await expect.poll(() => feed.closed).toBe(true)
  expect(fixture.clock.pending).toBe(before)
  expect(fixture.presence.map(call => call.what)).toEqual(['activity', 'connect', 'disconnect'])
})

test('a stream whose token expires ends without complete, so that its client comes back', async () => {
  const fixture = await startTransport()
  const { response, feed } = await openTicks(fixture, { authorization: 'Bearer alice/acme~60000' })
  feed.sink.write({ json: '{"data":{"ticks":1}}', position: 'p1' })
  fixture.clock.advance(60_000)
  expect((await allEvents(response)).map(event => event.event)).toEqual(['next'])
  await expect.poll(() => feed.closed).toBe(true)
})

test('a stream whose token is revoked ends without complete, and is watched no longer than it lasts', async () => {
  const fixture = await startTransport()
  const { response, feed } = await openTicks(fixture)
  expect(fixture.watched()).toEqual(['alice'])
  feed.sink.write({ json: '{"data":{"ticks":1}}', position: 'p1' })
  fixture.revoke('alice')
  expect((await allEvents(response)).map(event => event.event)).toEqual(['next'])
  await expect.poll(() => feed.closed).toBe(true)
  expect(fixture.watched()).toEqual([])
})

test('a client that does not read holds its stream, then gets the rest', async () => {
  const fixture = await startTransport({ outboundMarkBytes: 100_000 })
  const { response, feed } = await openTicks(fixture)
  const json = JSON.stringify({ data: { ticks: 1, text: 'x'.repeat(50_000) } })
  let sent = 0
  const write = () => {
    sent += 1
    return feed.sink.write({ json, position: null })
  }
  await expect.poll(write, { interval: 0, timeout: 10_000 }).toBe(false)
  let resumed = false
  feed.sink.onDrain(() => {
    resumed = true
  })
  expect(resumed).toBe(false)
  let read = 0
  for await (const _event of readEvents(response)) {
    read += 1
    if (read === sent) break
  }
  expect(resumed).toBe(true)
})

test('a mark below what the system buffers holds a subscription no longer than its bytes wait', async () => {
  const fixture = await startTransport({ outboundMarkBytes: 1_000 })
  const { response, feed } = await openTicks(fixture)
  const json = JSON.stringify({ data: { ticks: 1, text: 'x'.repeat(4_000) } })
  expect(feed.sink.write({ json, position: null })).toBe(false)
  let resumed = 0
  feed.sink.onDrain(() => {
    resumed += 1
  })
  expect(resumed).toBe(0)
  await expect.poll(() => resumed).toBe(1)
  fixture.clock.advance(30_000)
  expect(feed.closed).toBe(false)
  await response.body?.cancel()
})

test('a client that never reads again is cut off', async () => {
  const fixture = await startTransport({ outboundMarkBytes: 100_000 })
  const { response, feed } = await openTicks(fixture)
  const json = JSON.stringify({ data: { ticks: 1, text: 'x'.repeat(50_000) } })
  await expect.poll(() => feed.sink.write({ json, position: null }), { interval: 0, timeout: 10_000 }).toBe(false)
  fixture.clock.advance(30_000)
  await expect.poll(() => feed.closed).toBe(true)
  await expect(allEvents(response)).rejects.toThrow()
})

test('an event stream counts as a socket of its user, and no longer than it lasts', async () => {
  const fixture = await startTransport({ maxSocketsPerUser: 2 })
  await openKnownSocket(fixture.wsUrl)
  const abort = new AbortController()
  await openTicks(fixture, {}, abort.signal)
  const ask = () =>
    fetch(fixture.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...AUTHORIZATION },
      body: '{"query":"subscription { ticks }"}',
    })
  const refused = await ask()
  expect(refused.status).toBe(429)
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', limit: 2 } }] })
  abort.abort()
  await expect.poll(async () => (await ask()).status).toBe(200)
})

test('a token that expires closes the subscription, even of a client that reads nothing', async () => {
  const fixture = await startTransport()
  const { feed } = await openTicks(fixture, { authorization: 'Bearer alice/acme~60000' })
  for (let n = 0; n < 20; n++)
    feed.sink.write({ json: JSON.stringify({ n, text: 'x'.repeat(500_000) }), position: null })
  fixture.clock.advance(60_000)
  expect(feed.closed).toBe(true)
  expect(fixture.presence.map(call => call.what)).toEqual(['activity', 'connect', 'disconnect'])
})
