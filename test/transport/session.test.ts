import { expect, test } from 'vitest'
import { openKnownSocket, subscribeFrame } from './socket-fixture.ts'
import { startTransport, type TransportFixture } from './transport-fixture.ts'

const MINUTE = 60_000

async function refresh(fixture: TransportFixture, token: string) {
  const socket = await openKnownSocket(fixture.wsUrl, `Bearer alice/acme~${MINUTE}`)
  socket.say(subscribeFrame('r', `mutation { refresh(token: ${JSON.stringify(token)}) }`))
  const { payload } = await socket.heard('next', 'r')
  return { socket, payload }
}

test('a socket is closed with 4403 when its token expires', async () => {
  const { wsUrl, clock, presence } = await startTransport()
  const { closed, socket } = await openKnownSocket(wsUrl, `Bearer alice/acme~${MINUTE}`)
  clock.advance(MINUTE - 1)
  expect(socket.readyState).toBe(socket.OPEN)
  clock.advance(1_000)
  expect(await closed).toBe(4403)
  await expect.poll(() => presence.at(-1)).toEqual({ what: 'disconnect', userId: 'alice', clean: false })
})

test('a token that is good for long closes its socket no later', async () => {
  const { wsUrl, clock } = await startTransport({ pingIntervalMs: 5 * MINUTE })
  const { closed, socket } = await openKnownSocket(wsUrl, `Bearer alice/acme~${11 * MINUTE}`)
  clock.advance(11 * MINUTE - 1)
  expect(socket.readyState).toBe(socket.OPEN)
  clock.advance(1)
  expect(await closed).toBe(4403)
})

test('a refresh with a token that is good for less ends the socket the sooner', async () => {
  const fixture = await startTransport({ pingIntervalMs: 5 * MINUTE })
  const socket = await openKnownSocket(fixture.wsUrl, `Bearer alice/acme~${60 * MINUTE}`)
  socket.say(subscribeFrame('r', `mutation { refresh(token: "alice/acme~${MINUTE}") }`))
  await socket.heard('next', 'r')
  fixture.clock.advance(MINUTE)
  expect(await socket.closed).toBe(4403)
})

test('a refreshed socket lives as long as its new token, and nothing of it is lost', async () => {
  const fixture = await startTransport({ pingIntervalMs: 100 * MINUTE })
  const { socket, payload } = await refresh(fixture, `alice/acme~${10 * MINUTE}`)
  expect(payload).toEqual({ data: { refresh: 'alice' } })
  socket.say(subscribeFrame('1', 'subscription { ticks }'))
  await expect.poll(() => fixture.engine.feeds.length).toBe(1)
  fixture.clock.advance(9 * MINUTE)
  fixture.engine.feeds[0]?.sink.write({ json: '{"data":{"ticks":1}}', position: null })
  await socket.heard('next', '1')
  fixture.clock.advance(MINUTE)
  expect(await socket.closed).toBe(4403)
})

test.each([
  ['another user', 'bob/acme', 'FORBIDDEN'],
  ['the same user id of another tenant', 'alice/other', 'FORBIDDEN'],
  ['nobody', 'forged', 'INVALID'],
  ['an expired token', 'alice/acme~-1', 'INVALID'],
])('a refresh with the token of %s is refused, and moves nothing', async (_whose, token, code) => {
  const fixture = await startTransport()
  const { socket, payload } = await refresh(fixture, token)
  expect(payload).toEqual({ data: { refresh: code } })
  fixture.clock.advance(MINUTE)
  expect(await socket.closed).toBe(4403)
})

test('a refresh while tokens cannot be verified may be tried again', async () => {
  const { payload } = await refresh(await startTransport(), 'unavailable')
  expect(payload).toMatchObject({ data: { refresh: null }, errors: [{ extensions: { code: 'UNAVAILABLE' } }] })
})

test('a socket is closed with 4403 when its token is revoked, after what was on its way', async () => {
  const fixture = await startTransport()
  const { closed, frames, say } = await openKnownSocket(fixture.wsUrl)
  const other = await openKnownSocket(fixture.wsUrl, 'Bearer bob/acme')
  say(subscribeFrame('1', 'subscription { ticks }'))
  await expect.poll(() => fixture.engine.feeds.length).toBe(1)
  fixture.engine.feeds[0]?.sink.write({ json: '{"data":{"ticks":1}}', position: null })
  fixture.revoke('alice')
  expect(await closed).toBe(4403)
  expect(frames.map(({ type }) => type)).toEqual(['connection_ack', 'next'])
  await expect.poll(() => fixture.presence.at(-1)).toEqual({ what: 'disconnect', userId: 'alice', clean: false })
  expect(other.socket.readyState).toBe(other.socket.OPEN)
  expect(fixture.watched()).toEqual(['bob'])
})

test('the token that a session has now is the one that is watched, for as long as it lasts', async () => {
  const fixture = await startTransport()
  const { socket } = await refresh(fixture, 'alice/acme')
  expect(fixture.watched()).toEqual(['alice'])
  await refresh(fixture, 'forged')
  expect(fixture.watched()).toEqual(['alice', 'alice'])
  socket.socket.close()
  await expect.poll(() => fixture.watched()).toEqual(['alice'])
})

test('there is no session outside a socket', async () => {
  const { url } = await startTransport()
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer alice/acme' },
    body: JSON.stringify({ query: 'mutation { refresh(token: "alice/acme") }' }),
  })
  expect(await response.json()).toEqual({ data: { refresh: 'NO_SESSION' } })
})

test.each([
  ['1000', 1000, true],
  ['1001', 1001, true],
  ['none', undefined, true],
])('a client that closes with code %s has said goodbye', async (_name, code, clean) => {
  const { wsUrl, presence } = await startTransport()
  const { socket } = await openKnownSocket(wsUrl)
  socket.close(code)
  await expect
    .poll(() => presence)
    .toEqual([
      { what: 'connect', userId: 'alice' },
      { what: 'disconnect', userId: 'alice', clean },
    ])
})

test('a network that breaks is no goodbye, and operations are activity', async () => {
  const { wsUrl, presence } = await startTransport()
  const { socket, say, heard } = await openKnownSocket(wsUrl)
  say(subscribeFrame('1', '{ hello }'))
  await heard('complete')
  socket.terminate()
  await expect
    .poll(() => presence.map(({ what, clean }) => [what, clean]))
    .toEqual([
      ['connect', undefined],
      ['activity', undefined],
      ['disconnect', false],
    ])
})

test('requests over HTTP are activity too, refused ones are not', async () => {
  const { url, presence } = await startTransport()
  const ask = (authorization: string) =>
    fetch(`${url}?query={hello}`, { headers: { authorization } }).then(response => response.status)
  expect(await ask('Bearer alice/acme')).toBe(200)
  expect(await ask('Bearer forged')).toBe(401)
  expect(presence).toEqual([{ what: 'activity', userId: 'alice' }])
})
