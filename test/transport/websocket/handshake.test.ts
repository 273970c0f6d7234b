import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { openKnownSocket, openSocket, subscribeFrame } from '../socket-fixture.ts'
import { AUTHORIZATION, startTransport } from '../transport-fixture.ts'

const INIT = { type: 'connection_init', payload: AUTHORIZATION }

/** The status that an upgrade request gets; 101 when it goes through. */
function upgrade(port: number, headers: Record<string, string>, path = '/graphql'): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const outgoing = request({
    host: '127.0.0.1',
    port,
    path,
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
      'sec-websocket-protocol': 'graphql-transport-ws',
      ...headers,
    },
  })
  outgoing.on('response', response => {
    response.resume()
    resolve(response.statusCode ?? 0)
  })
  outgoing.on('upgrade', (response, socket) => {
    socket.destroy()
    resolve(response.statusCode ?? 0)
  })
  outgoing.on('error', reject)
  outgoing.end()
  return promise
}

describe('before the upgrade', () => {
  test.each([
    'null',
    'https://evil.example',
    'http://localhost.evil.example',
    'http://localhost@evil.example',
    'http://127.0.0.1.nip.io',
    'http://evil.example/localhost',
    'http://127.0.0.1:1 http://evil.example',
    'https://chat.example.evil.example',
    'https://evilchat.example',
    'http://chat.example',
    'https://chat.example:8443',
    'https://chat.example/',
    'https://CHAT.example',
    'file://',
    'http://evil.example@localhost',
    'http://localhost/',
    'ws://localhost',
    '',
  ])('the origin %j is refused with 403', async origin => {
    const { port } = await startTransport({ allowedOrigins: ['https://chat.example'], allowLocalOrigins: true })
    expect(await upgrade(port, { origin })).toBe(403)
  })

  test.each(['https://chat.example', 'http://localhost:3000', 'http://[::1]:5173', 'https://127.0.0.1'])(
    'the origin %j is let in',
    async origin => {
      const { port } = await startTransport({ allowedOrigins: ['https://chat.example'], allowLocalOrigins: true })
      expect(await upgrade(port, { origin })).toBe(101)
    },
  )

  test('a page of the server itself is let in, a local one of another port is not unless that is on', async () => {
    const { port } = await startTransport()
    expect(await upgrade(port, { origin: `http://127.0.0.1:${port}` })).toBe(101)
    expect(await upgrade(port, { origin: 'http://localhost:3000' })).toBe(403)
  })

  test('the legacy sub-protocol, another one and none are refused with 400', async () => {
    const { port } = await startTransport()
    expect(await upgrade(port, { 'sec-websocket-protocol': 'graphql-ws' })).toBe(400)
    expect(await upgrade(port, { 'sec-websocket-protocol': 'graphql-transport-ws2' })).toBe(400)
    expect(await upgrade(port, { 'sec-websocket-protocol': '' })).toBe(400)
  })

  test('another path is refused with 404', async () => {
    const { port } = await startTransport()
    expect(await upgrade(port, {}, '/')).toBe(404)
    expect(await upgrade(port, {}, '/graphql/')).toBe(404)
  })

  test('compression is not negotiated', async () => {
    const { wsUrl } = await startTransport()
    const { socket } = await openSocket(wsUrl, { perMessageDeflate: true })
    expect(socket.extensions).toBe('')
  })
})

describe('the handshake', () => {
  test('a socket that says nothing is closed with 4408 after 3 s', async () => {
    const { wsUrl, clock } = await startTransport()
    const { closed, socket } = await openSocket(wsUrl)
    clock.advance(2_999)
    expect(socket.readyState).toBe(socket.OPEN)
    clock.advance(1)
    expect(await closed).toBe(4408)
  })

  test('a known socket is not', async () => {
    const { wsUrl, clock } = await startTransport()
    const { socket, say, heard } = await openKnownSocket(wsUrl)
    clock.advance(10_000)
    say({ type: 'ping' })
    await heard('pong')
    expect(socket.readyState).toBe(socket.OPEN)
  })

  test.each([
    ['no payload', { type: 'connection_init' }, 4401],
    ['no token', { type: 'connection_init', payload: {} }, 4401],
    ['a token without Bearer', { type: 'connection_init', payload: { authorization: 'alice/acme' } }, 4401],
    ['a token that is no text', { type: 'connection_init', payload: { authorization: { a: 1 } } }, 4401],
    ['a forged token', { type: 'connection_init', payload: { authorization: 'Bearer forged' } }, 4401],
    ['an expired token', { type: 'connection_init', payload: { authorization: 'Bearer alice/acme~-1' } }, 4403],
    ['no keys to verify with', { type: 'connection_init', payload: { authorization: 'Bearer unavailable' } }, 1013],
    ['subscribe first', subscribeFrame('1', '{ hello }'), 4401],
    ['an unknown type', { type: 'start' }, 4400],
    ['no type', {}, 4400],
    ['a type of the server', { type: 'next', id: '1', payload: {} }, 4400],
    ['an ack of the client', { type: 'connection_ack' }, 4400],
    ['a payload that is no object', { type: 'connection_init', payload: 'Bearer alice/acme' }, 4400],
  ])('%s closes', async (_what, frame, code) => {
    const { wsUrl, engine } = await startTransport()
    const { say, closed } = await openSocket(wsUrl)
    say(frame)
    expect(await closed).toBe(code)
    expect(engine.executed).toEqual([])
  })

  test.each(['{', '', 'null', '[]', '"x"'])('%j, which is no message, closes with 4400', async text => {
    const { wsUrl } = await startTransport()
    const { socket, closed } = await openSocket(wsUrl)
    socket.send(text)
    expect(await closed).toBe(4400)
  })

  test('the token may also stand under Authorization', async () => {
    const { wsUrl } = await startTransport()
    const { say, heard } = await openSocket(wsUrl)
    say({ type: 'connection_init', payload: { Authorization: AUTHORIZATION.authorization } })
    await heard('connection_ack')
  })

  test('a token in the address or a cookie counts for nothing', async () => {
    const { wsUrl } = await startTransport()
    const { say, closed } = await openSocket(`${wsUrl}?authorization=Bearer%20alice/acme`, {
      headers: { cookie: 'authorization=Bearer alice/acme', ...AUTHORIZATION },
    })
    say({ type: 'connection_init' })
    expect(await closed).toBe(4401)
  })

  test('two connection_init close with 4429, at once or later, and leave nobody connected', async () => {
    const { wsUrl, presence, transport } = await startTransport()
    const hasty = await openSocket(wsUrl)
    hasty.say(INIT, INIT)
    expect(await hasty.closed).toBe(4429)
    const calm = await openKnownSocket(wsUrl)
    calm.say(INIT)
    expect(await calm.closed).toBe(4429)
    await expect.poll(() => transport.sockets).toBe(0)
    const count = (what: string) => presence.filter(call => call.what === what).length
    expect(count('connect')).toBe(count('disconnect'))
  })

  test('an id that is in use closes with 4409', async () => {
    const { wsUrl } = await startTransport()
    const { say, closed } = await openKnownSocket(wsUrl)
    say(subscribeFrame('1', 'subscription { ticks }'), subscribeFrame('1', 'subscription { ticks }'))
    expect(await closed).toBe(4409)
  })

  test('an id of more than 128 bytes closes with 4400, and its operation does not run', async () => {
    const { wsUrl, engine } = await startTransport()
    const { say, heard, closed } = await openKnownSocket(wsUrl)
    say(subscribeFrame('é'.repeat(64), '{ hello }'))
    await heard('next')
    say(subscribeFrame('é'.repeat(65), 'mutation { bump }'))
    expect(await closed).toBe(4400)
    expect(engine.executed).toEqual(['hello'])
  })
})

describe('too many', () => {
  test('the 31st socket of a user is closed with 4429; another user gets in, and so does the first when one has gone', async () => {
    const { wsUrl, transport } = await startTransport()
    const open = await Promise.all(Array.from({ length: 30 }, () => openKnownSocket(wsUrl)))
    const late = await openSocket(wsUrl)
    late.say(INIT)
    expect(await late.closed).toBe(4429)
    await openKnownSocket(wsUrl, 'Bearer bob/acme')
    await openKnownSocket(wsUrl, 'Bearer alice/other')
    open[0]?.socket.close(1000)
    await expect.poll(() => transport.sockets).toBe(31)
    await openKnownSocket(wsUrl)
  })

  test('sockets that say nothing push out the oldest of their like, and no one else', async () => {
    const { wsUrl } = await startTransport({ maxSilentSockets: 3 })
    const known = await openKnownSocket(wsUrl)
    const silent = [await openSocket(wsUrl), await openSocket(wsUrl), await openSocket(wsUrl)]
    await openKnownSocket(wsUrl, 'Bearer bob/acme')
    expect(await silent[0]?.closed).toBe(4408)
    expect(silent[1]?.socket.readyState).toBe(1)
    known.say({ type: 'ping' })
    await known.heard('pong')
  })

  test('the 101st subscription is an error for its id; the others and the socket go on', async () => {
    const { wsUrl, engine } = await startTransport()
    const { say, heard } = await openKnownSocket(wsUrl)
    for (let number = 1; number <= 1_000; number++) say(subscribeFrame(`s${number}`, 'subscription { ticks }'))
    const refused = await heard('error', 's1000')
    expect(refused.payload).toMatchObject([{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' } }])
    expect(engine.feeds).toHaveLength(100)
    say({ id: 's1', type: 'complete' })
    await expect.poll(() => engine.feeds[0]?.closed).toBe(true)
    say(subscribeFrame('again', 'subscription { ticks }'), subscribeFrame('query', '{ hello }'))
    await heard('next', 'query')
    await expect.poll(() => engine.feeds.length).toBe(101)
  })
})
