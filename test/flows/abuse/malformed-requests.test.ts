import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, startTestServer, type TestServer } from '../../support/server.ts'
import { openKnownSocket, openSocket } from '../../transport/socket-fixture.ts'

let server: TestServer
let alice: Person
beforeAll(async () => {
  server = await startTestServer({ env: { NODE_ENV: 'production' } })
  alice = await server.person('alice')
})
afterAll(() => server.close())

const BODY = '{"query":"{ viewer { tenantId } }"}'

/** What the server says to these bytes, until it hangs up. */
async function say(bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: Number(server.url.port) })
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  // A server that has answered need not read the rest.
  socket.on('error', () => {})
  socket.end(bytes)
  await new Promise(resolve => socket.once('close', resolve))
  return Buffer.concat(chunks).toString()
}

function request(line: string, headers: Readonly<Record<string, string>>, body = BODY): string {
  const all = {
    authorization: `Bearer ${alice.token}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return `${line}\r\n${lines.join('\r\n')}\r\n\r\n${body}`
}

const POST = 'POST /graphql HTTP/1.1'
const UPGRADE = {
  host: 'a',
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-protocol': 'graphql-transport-ws',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
}

describe('an answer tells nothing of the inside', () => {
  const tries: Readonly<Record<string, () => string>> = {
    'a Host that opens a bracket': () => request(POST, { host: '[' }),
    'a Host with a space': () => request(POST, { host: 'a b' }),
    'a Host of a colon': () => request(POST, { host: ':' }),
    'a Host with NUL in it': () => request(POST, { host: '%00' }),
    'a Host with a port that is none': () => request(POST, { host: 'a:99999999' }),
    'a Host with a user': () => request(POST, { host: 'a@b@c' }),
    'no Host': () => request(POST, {}),
    'forwarding headers that are none': () =>
      request(POST, { host: 'a', 'x-forwarded-host': '[', forwarded: 'host="["' }),
    'an address in absolute form': () => request('POST http://evil.example/graphql HTTP/1.1', { host: 'a' }),
    'an address that would change the host': () => request('POST @evil.example/graphql HTTP/1.1', { host: 'a' }),
    'a doubled slash': () => request('POST //graphql HTTP/1.1', { host: 'a' }),
    'escapes that are none': () => request('POST /graphql?%ff=%%% HTTP/1.1', { host: 'a' }),
    'an asterisk': () => request('OPTIONS * HTTP/1.1', { host: 'a' }),
    CONNECT: () => request('CONNECT evil.example:80 HTTP/1.1', { host: 'a' }),
    'an expectation that is none': () => request(POST, { host: 'a', expect: 'a miracle' }),
    'an Accept of commas': () => request(POST, { host: 'a', accept: ','.repeat(4_000) }),
    'a length below nothing': () => request(POST, { host: 'a', 'content-length': '-1' }),
    'two framings': () => request(POST, { host: 'a', 'transfer-encoding': 'chunked' }),
    'a second Authorization': () => request(POST, { host: 'a', Authorization: 'Bearer x' }),
    'headers of 100 KB': () => request(POST, { host: 'a', x: 'x'.repeat(100_000) }),
    'an upgrade by POST': () => request(POST, UPGRADE),
    'an upgrade without a key': () => request('GET /graphql HTTP/1.1', { ...UPGRADE, 'sec-websocket-key': '' }, ''),
    'an upgrade of an old version': () =>
      request('GET /graphql HTTP/1.1', { ...UPGRADE, 'sec-websocket-version': '1' }, ''),
    'an upgrade to another Host': () =>
      request('GET /graphql HTTP/1.1', { ...UPGRADE, host: '[', origin: 'http://[' }, ''),
    'no HTTP': () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  }

  test.each(Object.entries(tries))('%s', async (_, bytes) => {
    const answer = await say(bytes())
    expect(answer).not.toMatch(/HTTP\/1\.1 5\d\d|\bat \w+|node_modules|\/src\/|TypeError|Error:/)
    expect(await alice.ask('{ viewer { tenantId } }')).toEqual({ data: { viewer: { tenantId: 'acme' } } })
  })
})

test('a second Authorization does not stand in for the first', async () => {
  const forged = `POST /graphql HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n`
  const both = `${forged}Authorization: Bearer x\r\nAuthorization: Bearer ${alice.token}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`
  expect(await say(both)).toMatch(/^HTTP\/1\.1 401 /)
})

test('what follows a request in the same bytes is a request of its own, with a token of its own', async () => {
  const smuggled = `POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\nConnection: close\r\n\r\n${BODY}`
  const answers = (await say(request(POST, { host: 'a', connection: 'keep-alive' }) + smuggled)).match(
    /HTTP\/1\.1 \d+/g,
  )
  expect(answers).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401'])
})

test('a ping that nests 100,000 deep closes its own socket with 4400 and no other, token or none', async () => {
  const url = server.url.href.replace('http', 'ws')
  const other = await openKnownSocket(url, `Bearer ${alice.token}`)
  const deep = `{"type":"ping","payload":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`
  for (const socket of [await openSocket(url), await openKnownSocket(url, `Bearer ${alice.token}`)]) {
    socket.socket.send(deep)
    expect(await socket.closed).toBe(4400)
  }
  other.say({ type: 'ping', payload: { a: [[[]]] } })
  expect(await other.heard('pong')).toEqual({ type: 'pong', payload: { a: [[[]]] } })
})
