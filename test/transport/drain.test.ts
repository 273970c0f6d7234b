import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { openKnownSocket, openSocket, subscribeFrame } from './socket-fixture.ts'
import { allEvents } from './sse-fixture.ts'
import { AUTHORIZATION, startTransport } from './transport-fixture.ts'

function post(url: string, query: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...AUTHORIZATION, ...headers },
    body: JSON.stringify({ query }),
  })
}

test('sockets are closed with 1012, event streams end without complete, and the port is free', async () => {
  const { transport, url, wsUrl, engine } = await startTransport()
  const sockets = await Promise.all([openKnownSocket(wsUrl), openKnownSocket(wsUrl), openSocket(wsUrl)])
  sockets[0]?.say(subscribeFrame('1', 'subscription { ticks }'))
  const stream = post(url, 'subscription { ticks }', { accept: 'text/event-stream' })
  await expect.poll(() => engine.feeds.length).toBe(2)
  const response = await stream
  await transport.close()
  expect(await Promise.all(sockets.map(socket => socket.closed))).toEqual([1012, 1012, 1012])
  expect(await allEvents(response)).toEqual([])
  expect(engine.feeds.map(feed => feed.closed)).toEqual([true, true])
  expect(transport.server.listening).toBe(false)
  await expect(fetch(url)).rejects.toThrow()
})

test('while it drains it is not ready, and takes neither sockets nor operations', async () => {
  const { transport, url, wsUrl, clock } = await startTransport({ drainMs: 10_000 })
  const sockets = [await openKnownSocket(wsUrl), await openKnownSocket(wsUrl)]
  const closing = transport.close()
  expect((await fetch(new URL('/readyz', url))).status).toBe(503)
  expect((await fetch(new URL('/livez', url))).status).toBe(200)
  const refused = await post(url, '{ hello }')
  expect(refused.status).toBe(503)
  expect(refused.headers.get('connection')).toBe('close')
  await expect(openSocket(wsUrl)).rejects.toThrow('503')
  clock.advance(10_000)
  await closing
  expect(await Promise.all(sockets.map(socket => socket.closed))).toEqual([1012, 1012])
})

test('with nobody there it stays for the notice time, so that a load balancer sees it', async () => {
  const { transport, url, clock } = await startTransport({ drainNoticeMs: 4_000 })
  const closing = transport.close()
  clock.advance(3_999)
  expect((await fetch(new URL('/readyz', url))).status).toBe(503)
  expect((await post(url, '{ hello }')).status).toBe(503)
  clock.advance(1)
  await closing
  await expect(fetch(url)).rejects.toThrow()
})

test('sockets are closed spread over the window', async () => {
  const { transport, wsUrl, clock } = await startTransport({ drainMs: 10_000 })
  for (let number = 0; number < 10; number++) await openKnownSocket(wsUrl)
  const closing = transport.close()
  await expect.poll(() => transport.sockets).toBe(10)
  for (let second = 1; second <= 10; second++) {
    clock.advance(1_000)
    await expect.poll(() => transport.sockets).toBe(Math.max(9 - second, 0))
  }
  await closing
})

test('mutations that run are finished, over a socket and over POST', async () => {
  const { transport, url, wsUrl, engine } = await startTransport()
  const socket = await openKnownSocket(wsUrl)
  socket.say(subscribeFrame('1', 'mutation { slowly }'), subscribeFrame('2', '{ hello }'))
  await socket.heard('complete', '2')
  const posted = post(url, 'mutation { slowly }')
  await once(transport.server, 'request')
  const closing = transport.close()
  socket.say(subscribeFrame('3', '{ hello }'))
  expect(await socket.heard('error', '3')).toMatchObject({ payload: [{ extensions: { code: 'UNAVAILABLE' } }] })
  engine.release()
  expect(await socket.heard('next', '1')).toMatchObject({ payload: { data: { slowly: 1 } } })
  expect(await (await posted).json()).toEqual({ data: { slowly: 1 } })
  expect(await socket.closed).toBe(1012)
  await closing
})

test('what does not end is not waited for longer than the grace time', async () => {
  const { transport, wsUrl, clock } = await startTransport({ drainGraceMs: 5_000 })
  const socket = await openKnownSocket(wsUrl)
  socket.say(subscribeFrame('1', 'mutation { slowly }'), subscribeFrame('2', '{ hello }'))
  await socket.heard('complete', '2')
  const closing = transport.close()
  clock.advance(5_000)
  expect(await socket.closed).toBe(1012)
  await closing
})

test('a kept-alive connection that idles does not hold it up, and closing twice is closing once', async () => {
  const { transport, port } = await startTransport()
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const outgoing = request({ host: '127.0.0.1', port, path: '/livez', agent }).end()
  const [response] = await once(outgoing, 'response')
  response.resume()
  await once(response, 'end')
  await Promise.all([transport.close(), transport.close()])
  expect(transport.server.listening).toBe(false)
})

test('who is refused while it sends is answered, not reset', async () => {
  const { transport, port, wsUrl, clock } = await startTransport({ drainMs: 10_000 })
  for (const _ of [1, 2]) await openKnownSocket(wsUrl)
  const closing = transport.close()
  const headers = { 'content-type': 'application/json', 'content-length': '1000000', ...AUTHORIZATION }
  const outgoing = request({ host: '127.0.0.1', port, path: '/graphql', method: 'POST', headers })
  const answered = once(outgoing, 'response')
  outgoing.flushHeaders()
  await once(transport.server, 'request')
  outgoing.end(' '.repeat(1_000_000))
  const [response] = await answered
  expect(response.statusCode).toBe(503)
  expect(await json(response)).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] })
  clock.advance(10_000)
  await closing
})

test('event streams take their turns among the sockets', async () => {
  const { transport, url, wsUrl, clock, engine } = await startTransport({ drainMs: 10_000 })
  const sockets = [await openKnownSocket(wsUrl), await openKnownSocket(wsUrl)]
  const ended: number[] = []
  for (const number of [0, 1, 2]) {
    const response = await post(url, 'subscription { ticks }', { accept: 'text/event-stream' })
    void allEvents(response).then(() => ended.push(number))
  }
  const closing = transport.close()
  await expect.poll(() => transport.sockets).toBe(1)
  for (const number of [0, 1, 2]) {
    expect(ended.length).toBe(number)
    clock.advance(number === 0 ? 4_000 : 2_000)
    await expect.poll(() => ended.length).toBe(number + 1)
  }
  await closing
  expect(await Promise.all(sockets.map(socket => socket.closed))).toEqual([1012, 1012])
  expect(engine.feeds.map(feed => feed.closed)).toEqual([true, true, true])
})

test('it is over as soon as all have left by themselves, and leaves no timer behind', async () => {
  const { transport, url, wsUrl, clock } = await startTransport({ drainMs: 10_000 })
  const sockets = [await openKnownSocket(wsUrl), await openKnownSocket(wsUrl), await openKnownSocket(wsUrl)]
  const leaving = new AbortController()
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', ...AUTHORIZATION }
  const body = JSON.stringify({ query: 'subscription { ticks }' })
  const stream = await fetch(url, { method: 'POST', headers, body, signal: leaving.signal })
  expect(stream.status).toBe(200)
  const closing = transport.close()
  for (const { socket } of sockets) socket.close(1000)
  leaving.abort()
  await closing
  expect(clock.pending).toBe(0)
})

test('a subscription that opens while it drains is ended at once, so that its client comes back elsewhere', async () => {
  const { transport, url, wsUrl, clock, engine } = await startTransport({ drainMs: 10_000 })
  await openKnownSocket(wsUrl)
  await openKnownSocket(wsUrl)
  const posted = post(url, 'subscription { late }', { accept: 'text/event-stream' })
  await expect.poll(() => engine.feeds.length).toBe(1)
  const closing = transport.close()
  engine.release()
  expect(await allEvents(await posted)).toEqual([])
  expect(engine.feeds.map(feed => feed.closed)).toEqual([true])
  clock.advance(10_000)
  await closing
})

test('an event stream whose client takes nothing is not waited for longer than the grace time', async () => {
  const { transport, port, engine, clock } = await startTransport({ drainGraceMs: 5_000, outboundMarkBytes: 1_000 })
  const outgoing = request({
    host: '127.0.0.1',
    port,
    path: '/graphql',
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...AUTHORIZATION },
  })
  onTestFinished(() => void outgoing.destroy())
  outgoing.end(JSON.stringify({ query: 'subscription { ticks }' }))
  const [response] = await once(outgoing, 'response')
  response.pause()
  const cut = new Promise(resolve => response.once('error', resolve))
  engine.feeds[0]?.sink.write({ json: 'x'.repeat(32_000_000), position: null })
  const closing = transport.close()
  clock.advance(5_000)
  await closing
  response.resume()
  expect(await cut).toBeInstanceOf(Error)
})
