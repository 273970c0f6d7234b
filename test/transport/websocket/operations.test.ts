import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { RequestError } from '../../../src/domain/errors.ts'
import { openKnownSocket, openSocket, subscribeFrame } from '../socket-fixture.ts'
import { AUTHORIZATION, startTransport, type TransportFixture } from '../transport-fixture.ts'

const TICKS = 'subscription { ticks }'

function tick(value: number) {
  return { json: `{"data":{"ticks":${value}},"extensions":{"position":"p${value}"}}`, position: `p${value}` }
}

async function openTicks(fixture: TransportFixture, id = '1', options: WebSocket.ClientOptions = {}) {
  const socket = await openKnownSocket(fixture.wsUrl, AUTHORIZATION.authorization, options)
  socket.say(subscribeFrame(id, TICKS))
  await expect.poll(() => fixture.engine.feeds.length).toBe(1)
  const [feed] = fixture.engine.feeds
  if (feed === undefined) throw new Error('no feed')
  return { ...socket, feed }
}

test('results go out as they were written, in order, and the end completes', async () => {
  const { frames, heard, feed } = await openTicks(await startTransport(), 'a"b\n☃')
  for (const value of [1, 2, 3]) feed.sink.write(tick(value))
  feed.sink.end()
  await heard('complete', 'a"b\n☃')
  expect(frames.slice(1)).toEqual([
    ...[1, 2, 3].map(value => ({ id: 'a"b\n☃', type: 'next', payload: JSON.parse(tick(value).json) })),
    { id: 'a"b\n☃', type: 'complete' },
  ])
})

test('an error ends one operation with an error frame; the socket and its others go on', async () => {
  const { frames, say, heard, feed } = await openTicks(await startTransport())
  feed.sink.write(tick(1))
  feed.sink.end(new RequestError('ACCESS_REVOKED', 'You are no longer in that conversation.'))
  const error = await heard('error', '1')
  expect(error.payload).toEqual([
    { message: 'You are no longer in that conversation.', extensions: { code: 'ACCESS_REVOKED' } },
  ])
  say(subscribeFrame('1', '{ hello }'))
  await heard('complete', '1')
  expect(frames.map(frame => frame.type)).toEqual(['connection_ack', 'next', 'error', 'next', 'complete'])
})

test('what was written before the subscription was known is held until it is', async () => {
  const { wsUrl } = await startTransport()
  const { frames, say, heard } = await openKnownSocket(wsUrl)
  say(subscribeFrame('1', 'subscription { eager }'))
  await heard('complete', '1')
  expect(frames.slice(1).map(frame => frame.payload)).toEqual([
    { data: { eager: 1 } },
    { data: { eager: 2 } },
    { data: { eager: 3 } },
    undefined,
  ])
})

test('complete closes the subscription, and nothing more is said of it', async () => {
  const { frames, say, heard, feed } = await openTicks(await startTransport())
  say({ id: '1', type: 'complete' })
  await expect.poll(() => feed.closed).toBe(true)
  feed.sink.write(tick(1))
  feed.sink.end()
  say({ type: 'ping' })
  await heard('pong')
  expect(frames.map(frame => frame.type)).toEqual(['connection_ack', 'pong'])
})

test('an id that is completed and used again at once belongs to the new operation alone', async () => {
  const fixture = await startTransport()
  const { frames, say, heard, feed } = await openTicks(fixture)
  say(
    { id: '1', type: 'complete' },
    subscribeFrame('1', TICKS),
    { id: '1', type: 'complete' },
    subscribeFrame('1', TICKS),
  )
  await expect.poll(() => fixture.engine.feeds.map(each => each.closed)).toEqual([true, true, false])
  feed.sink.write(tick(1))
  feed.sink.end()
  fixture.engine.feeds[2]?.sink.write(tick(7))
  fixture.engine.feeds[2]?.sink.end()
  await heard('complete', '1')
  expect(frames.slice(1)).toEqual([
    { id: '1', type: 'next', payload: JSON.parse(tick(7).json) },
    { id: '1', type: 'complete' },
  ])
})

test('a query that was left does not answer in place of the next operation of its id', async () => {
  const fixture = await startTransport()
  const { frames, say, heard } = await openKnownSocket(fixture.wsUrl)
  say(subscribeFrame('1', '{ slow }'), subscribeFrame('2', '{ hello }'))
  await heard('complete', '2')
  say({ id: '1', type: 'complete' }, subscribeFrame('1', TICKS))
  await expect.poll(() => fixture.engine.feeds.length).toBe(1)
  fixture.engine.release()
  await expect.poll(() => fixture.engine.executed).toEqual(['hello', 'slow'])
  say({ type: 'ping' })
  await heard('pong')
  expect(frames.filter(frame => frame.id === '1')).toEqual([])
  fixture.engine.feeds[0]?.sink.end()
  await heard('complete', '1')
})

test('the end of a socket closes its subscriptions', async () => {
  const fixture = await startTransport()
  const { socket, feed } = await openTicks(fixture)
  socket.terminate()
  await expect.poll(() => feed.closed).toBe(true)
  expect(fixture.transport.sockets).toBe(0)
})

test('results of one turn leave in one write', async () => {
  const fixture = await startTransport()
  const upgraded = new Promise<{ writes: number }>(resolve => {
    fixture.transport.server.prependOnceListener('upgrade', (_request, stream) => {
      const counted = { writes: 0 }
      const { _write, _writev } = stream
      stream._write = (...parameters) => {
        counted.writes += 1
        _write.apply(stream, parameters)
      }
      stream._writev = (...parameters) => {
        counted.writes += 1
        _writev?.apply(stream, parameters)
      }
      resolve(counted)
    })
  })
  const { feed, frames } = await openTicks(fixture)
  const counted = await upgraded
  const before = counted.writes
  for (let value = 1; value <= 50; value++) feed.sink.write(tick(value))
  await expect.poll(() => frames.length).toBe(51)
  expect(counted.writes - before).toBe(1)
})

test('a client that does not read holds its subscription, then gets the rest', async () => {
  const fixture = await startTransport({ outboundMarkBytes: 100_000 })
  const { socket, frames, feed } = await openTicks(fixture)
  socket.pause()
  const text = 'x'.repeat(10_000)
  let sent = 0
  const write = () => {
    sent += 1
    return feed.sink.write({ json: JSON.stringify({ data: { ticks: sent, text } }), position: null })
  }
  // What the machine's own socket buffers take is not known: several megabytes.
  await expect.poll(() => write(), { interval: 0, timeout: 10_000 }).toBe(false)
  let resumed = 0
  feed.sink.onDrain(() => {
    resumed += 1
  })
  expect(resumed).toBe(0)
  socket.resume()
  await expect.poll(() => resumed).toBe(1)
  expect(write()).toBe(true)
  await expect.poll(() => frames.length).toBe(sent + 1)
  feed.sink.onDrain(() => {
    resumed += 1
  })
  expect(resumed).toBe(2)
})

test('a client that never reads again is closed with 1013', async () => {
  const fixture = await startTransport({ outboundMarkBytes: 100_000 })
  const { socket, closed, feed } = await openTicks(fixture)
  socket.pause()
  const json = JSON.stringify({ data: { ticks: 1, text: 'x'.repeat(10_000) } })
  await expect.poll(() => feed.sink.write({ json, position: null }), { interval: 0, timeout: 10_000 }).toBe(false)
  fixture.clock.advance(29_999)
  expect(fixture.transport.sockets).toBe(1)
  fixture.clock.advance(1)
  socket.resume()
  expect(await closed).toBe(1013)
  await expect.poll(() => feed.closed).toBe(true)
})

test('a client that reads one long result slowly is not taken for one that reads nothing', async () => {
  const fixture = await startTransport({ outboundMarkBytes: 100_000 })
  const links: Socket[] = []
  const createConnection = () => {
    const link = connect(fixture.port, '127.0.0.1')
    links.push(link)
    return link
  }
  const { socket, frames, feed } = await openTicks(fixture, '1', { createConnection })
  const text = 'x'.repeat(40_000_000)
  socket.pause()
  feed.sink.write({ json: JSON.stringify({ data: { ticks: 1, text } }), position: null })
  const bytesRead = () => links[0]?.bytesRead ?? 0
  for (let step = 1; step <= 7; step++) {
    const before = bytesRead()
    socket.resume()
    await expect.poll(bytesRead, { interval: 0 }).toBeGreaterThan(before + 3_000_000)
    socket.pause()
    fixture.clock.advance(9_000)
  }
  expect(bytesRead()).toBeLessThan(text.length)
  expect([fixture.transport.sockets, fixture.logged]).toEqual([1, []])
  socket.resume()
  await expect.poll(() => frames.at(-1), { timeout: 5_000 }).toMatchObject({ payload: { data: { text } } })
})

const TEXT_FRAME = 0x81
const CLOSE_FRAME = 0x88

test('nothing follows the answer to a goodbye, however much was to be said', async () => {
  const fixture = await startTransport({ outboundMarkBytes: 100_000 })
  const firstBytes: (number | undefined)[] = []
  fixture.transport.server.prependOnceListener('upgrade', (_request, stream) => {
    const write = stream.write.bind(stream)
    stream.write = (chunk: Buffer, ...rest: never[]) => {
      firstBytes.push(chunk[0])
      return write(chunk, ...rest)
    }
  })
  const { socket, closed, feed } = await openTicks(fixture)
  socket.pause()
  const json = JSON.stringify({ data: { ticks: 1, text: 'x'.repeat(10_000) } })
  await expect.poll(() => feed.sink.write({ json, position: null }), { interval: 0, timeout: 10_000 }).toBe(false)
  socket.close(4_999, 'goodbye')
  await expect.poll(() => firstBytes).toContain(CLOSE_FRAME)
  socket.resume()
  expect(await closed).toBe(4_999)
  await expect.poll(() => feed.closed).toBe(true)
  expect(firstBytes.slice(firstBytes.indexOf(CLOSE_FRAME))).not.toContain(TEXT_FRAME)
})

test('a client that asks for more than it reads is not read from', async () => {
  const fixture = await startTransport({ outboundMarkBytes: 100_000, maxRunningPerSocket: 4 })
  const { socket, say, frames } = await openKnownSocket(fixture.wsUrl)
  socket.pause()
  for (let number = 0; number < 400; number++) say(subscribeFrame(`q${number}`, '{ big(size: 100000) }'))
  socket.resume()
  await expect.poll(() => frames.filter(frame => frame.type === 'complete').length, { timeout: 8_000 }).toBe(400)
  expect(fixture.logged).toEqual([])
})

test('a socket that answers no pings is ended after two; one that does stays', async () => {
  const { wsUrl, clock, transport } = await startTransport()
  const mute = await openSocket(wsUrl, { autoPong: false })
  mute.say({ type: 'connection_init', payload: AUTHORIZATION })
  await mute.heard('connection_ack')
  const lively = await openKnownSocket(wsUrl)
  for (let ping = 1; ping <= 3; ping++) {
    const answered = new Promise(resolve => lively.socket.once('ping', resolve))
    if (ping === 3) expect(transport.sockets).toBe(2)
    clock.advance(30_000)
    if (ping < 3) await answered
    lively.say({ type: 'ping', payload: { ping } })
    await expect.poll(() => lively.frames.filter(frame => frame.type === 'pong').length).toBe(ping)
  }
  expect(await mute.closed).toBe(1006)
  expect(lively.socket.readyState).toBe(lively.socket.OPEN)
})
