import { createHmac, createSign, generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, startTestServer, type TestServer } from '../../support/server.ts'
import { openKnownSocket, openSocket, subscribeFrame } from '../../transport/socket-fixture.ts'
import { post } from './ways.ts'

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const secret = randomBytes(32).toString('base64url')

const inAnHour = () => Math.floor(Date.now() / 1000) + 3600
const claims = (more: object = {}) => ({ sub: 'mallory', org_id: 'acme', exp: inAnHour(), ...more })
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

type Sign = (input: string) => string
const by =
  (key: string): Sign =>
  input =>
    createHmac('sha256', key).update(input).digest('base64url')
const byRsa: Sign = input => createSign('sha256').update(input).sign(rsa.privateKey, 'base64url')

function token(header: object, payload: object, sign: Sign): string {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${sign(input)}`
}

const HS256 = { alg: 'HS256', typ: 'JWT' }
const RS256 = { alg: 'RS256', typ: 'JWT' }
const attacker = 'the secret of an attacker, of more than thirty-two bytes'
const jwk = { kty: 'oct', k: Buffer.from(attacker).toString('base64url') }
const url = 'http://127.0.0.1:9/keys'

/** Each with a server's own key where the fault is elsewhere. */
function forgeries(header: object, sign: Sign): Readonly<Record<string, string>> {
  const own = token(header, claims(), sign)
  const [head = '', body = '', signature = ''] = own.split('.')
  return {
    'nobody signed': token({ alg: 'none' }, claims(), () => ''),
    'nobody signed, said loudly': token({ alg: 'NONE' }, claims(), () => ''),
    'whose signature was taken off': `${head}.${body}.`,
    'of two parts': `${head}.${body}`,
    'of four parts': `${own}.x`,
    'of another body': `${head}.${encode(claims({ sub: 'alice' }))}.${signature}`,
    'of another header': `${encode({ ...header, kid: '1' })}.${body}.${signature}`,
    'with white space in it': `${head}.${body}.${signature.slice(0, 9)} ${signature.slice(9)}`,
    'another secret signed': token(HS256, claims(), by(attacker)),
    'the public key signed as if it were a secret': token(HS256, claims(), by(rsa.publicKey)),
    'an empty secret signed': token(HS256, claims(), by('')),
    'that brings its key along': token({ ...HS256, jwk }, claims(), by(attacker)),
    'that says where its key is': token({ ...HS256, jku: url, x5u: url }, claims(), by(attacker)),
    'whose key id is a path': token({ ...HS256, kid: '../../../../dev/null' }, claims(), by('')),
    'whose key id is SQL': token({ ...HS256, kid: "' UNION SELECT 'x" }, claims(), by('x')),
    'whose key id has 10,000 letters': token({ ...header, kid: 'k'.repeat(10_000) }, claims(), sign),
    'that must be understood': token({ ...header, crit: ['x'], x: 1 }, claims(), sign),
    'that never ends': token(header, claims({ exp: undefined }), sign),
    'that ends in a hundred years': token(header, claims({ exp: inAnHour() + 3_155_760_000 }), sign),
    'whose end is a text': token(header, claims({ exp: String(inAnHour()) }), sign),
    'that begins tomorrow': token(header, claims({ nbf: inAnHour() + 86_400 }), sign),
    'of no tenant': token(header, claims({ org_id: undefined }), sign),
    'of a list of tenants': token(header, claims({ org_id: ['acme'] }), sign),
    'of an empty tenant': token(header, claims({ org_id: ' ' }), sign),
    'of nobody': token(header, claims({ sub: undefined }), sign),
    'of somebody with NUL': token(header, claims({ sub: 'alice\0' }), sign),
    'that speaks to Redis': token(header, claims({ sub: 'a\r\nPUBLISH x y' }), sign),
    'of a name of 256 letters': token(header, claims({ sub: 'a'.repeat(256) }), sign),
    'of a list': token(header, [claims()], sign),
  }
}

const SERVERS = [
  ['a secret', { JWT_SECRET: secret }, HS256, by(secret)],
  ['a public key', { JWT_SECRET: '', JWT_PUBLIC_KEY: rsa.publicKey }, RS256, byRsa],
] as const

describe.each(SERVERS)('a server that verifies by %s', (_, env, header, sign) => {
  let server: TestServer
  let good: string
  let somebody: Person
  beforeAll(async () => {
    server = await startTestServer({ env })
    somebody = await server.person('somebody')
    good = token(header, claims({ sub: 'alice' }), sign)
  })
  afterAll(() => server.close())

  const ask = async (forged: string, accept: string) => {
    const response = await post(server, { ...somebody, token: forged }, '{"query":"{ viewer { user { id } } }"}', {
      accept,
    })
    return { status: response.status, text: await response.text() }
  }

  test('takes a good one', async () => {
    expect(await ask(good, 'application/json')).toEqual({
      status: 200,
      text: '{"data":{"viewer":{"user":{"id":"alice"}}}}',
    })
  })

  test.each(Object.entries(forgeries(header, sign)))('takes none %s', async (_, forged) => {
    for (const accept of ['application/json', 'text/event-stream']) {
      const { status, text } = await ask(forged, accept)
      expect(status).toBe(401)
      expect(text).toContain('"UNAUTHENTICATED"')
      expect(text).not.toContain('mallory')
    }
    const webSocket = server.url.href.replace('http', 'ws')
    const stranger = await openSocket(webSocket)
    stranger.say({ type: 'connection_init', payload: { authorization: `Bearer ${forged}` } })
    expect(await stranger.closed).toBe(4401)
    const known = await openKnownSocket(webSocket, `Bearer ${good}`)
    const refresh =
      'mutation Refresh($token: String!) { refreshSession(input: { token: $token }) { userErrors { code } } }'
    known.say(subscribeFrame('1', refresh, { variables: { token: forged } }))
    expect((await known.heard('next', '1')).payload).toEqual({
      data: { refreshSession: { userErrors: [{ code: 'INVALID' }] } },
    })
  })
})
