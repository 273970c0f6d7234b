import { createHmac, generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { type AuthenticatorOptions, createAuthenticator } from '../../src/auth/authenticator.ts'
import { mintToken } from '../../src/auth/mint-token.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createRecordingLogger } from '../support/recording-logger.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const DAY = 86_400

function world(options: Partial<AuthenticatorOptions> = {}) {
  const clock = createManualClock()
  const logger = createRecordingLogger()
  const authenticator = createAuthenticator({
    keys: { kind: 'secret', secret: SECRET },
    clock,
    logger,
    tenantClaim: 'org_id',
    maxLifetimeSeconds: 30 * DAY,
    ...options,
  })
  const seconds = () => clock.now() / 1000
  const claims = () => ({ sub: 'alice', org_id: 'acme', exp: seconds() + 60 })
  const mint = (said: Partial<Parameters<typeof mintToken>[0]> = {}) =>
    mintToken({
      secret: SECRET,
      tenantId: 'acme',
      userId: 'alice',
      ttlSeconds: 60,
      now: clock.now(),
      tenantClaim: 'org_id',
      ...said,
    })
  const signed = (said: object = {}, header: object = {}) =>
    new SignJWT({ ...claims(), ...said }).setProtectedHeader({ alg: 'HS256', ...header }).sign(Buffer.from(SECRET))
  return { authenticator, clock, logger, claims, mint, signed, verify: authenticator.verify }
}

const refused = (reason: string) => expect.objectContaining({ name: 'TokenError', reason })
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('createAuthenticator', () => {
  it('takes what mintToken makes', async () => {
    const { verify, mint, clock } = world({ issuer: 'us', audience: 'chat', tenantClaim: 'tenant' })
    const parties = { tenantClaim: 'tenant', issuer: 'us', audience: 'chat' }
    const token = await mint({ name: 'Alice', roles: ['admin'], tokenId: 'token-1', ...parties })
    expect(await verify(token)).toEqual({
      tenantId: 'acme',
      userId: 'alice',
      name: 'Alice',
      avatarUrl: null,
      roles: ['admin'],
      expiresAt: clock.now() + 60_000,
      issuedAt: clock.now(),
      tokenId: 'token-1',
    })
  })

  it('calls an empty token missing', async () => {
    await expect(world().verify('')).rejects.toThrow(refused('missing'))
  })

  it.each([
    'x',
    '.',
    '..',
    '...',
    'a.b.c',
    'null',
    `${'a'.repeat(9000)}`,
    '{"payload":"","signatures":[]}',
    '\ud800',
    'é.é.é',
  ])('refuses the rubbish %j', async token => {
    await expect(world().verify(token)).rejects.toThrow(refused('invalid'))
  })

  it('refuses another secret, a changed payload and a cut signature', async () => {
    const { verify, mint, claims } = world()
    const token = await mint()
    const [header, , mac = ''] = token.split('.')
    const forged = [
      await mint({ secret: `${SECRET}!` }),
      [header, part({ ...claims(), sub: 'bob' }), mac].join('.'),
      token.slice(0, -1),
      `${token}.`,
      [header, token.split('.')[1], ''].join('.'),
    ]
    for (const one of forged) await expect(verify(one)).rejects.toThrow(refused('invalid'))
  })

  it.each(['none', 'None', 'NONE', '', 'HS384', 'HS512', 'RS256', '__proto__', 'constructor', null, 1, ['HS256']])(
    'refuses the algorithm %j',
    async alg => {
      const { verify, claims, mint } = world()
      const mac = (await mint()).split('.')[2]
      for (const end of ['', mac]) {
        await expect(verify([part({ alg }), part(claims()), end].join('.'))).rejects.toThrow(refused('invalid'))
      }
    },
  )

  it('refuses a longer hash under the same secret', async () => {
    const { verify, claims } = world()
    const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS512' }).sign(Buffer.from(SECRET.repeat(2)))
    await expect(verify(token)).rejects.toThrow(refused('invalid'))
  })

  it.each([
    ['rsa', generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey],
    ['ec', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey],
  ])('refuses HS256 under the text of the %s public key', async (_, key) => {
    const pem = key.export({ type: 'spki', format: 'pem' }).toString()
    const der = key.export({ type: 'spki', format: 'der' })
    const { verify, claims } = world({ keys: { kind: 'public-key', publicKey: pem } })
    for (const secret of [pem, pem.trim(), der]) {
      const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret))
      await expect(verify(token)).rejects.toThrow(refused('invalid'))
    }
  })

  it.each(['RS256', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
    'verifies %s by the public key, and no other key',
    async alg => {
      const pair = await generateKeyPair(alg)
      const publicKey = JSON.stringify(await exportJWK(pair.publicKey))
      const { verify, claims } = world({ keys: { kind: 'public-key', publicKey } })
      const sign = (key: typeof pair.privateKey) => new SignJWT(claims()).setProtectedHeader({ alg }).sign(key)
      expect(await verify(await sign(pair.privateKey))).toMatchObject({ userId: 'alice' })
      const forged = await sign((await generateKeyPair(alg)).privateKey)
      await expect(verify(forged)).rejects.toThrow(refused('invalid'))
    },
  )

  it.each(['../../../dev/null', "' OR 1=1 --", '\0', 'k'.repeat(2000), 7, null, { a: 1 }])(
    'is not moved by the kid %j',
    async kid => {
      const { verify, mint, claims } = world()
      const text = `${part({ alg: 'HS256', kid })}.${part(claims())}`
      const token = `${text}.${createHmac('sha256', SECRET).update(text).digest('base64url')}`
      expect(await verify(token)).toMatchObject({ userId: 'alice' })
      const [, payload, mac] = (await mint()).split('.')
      await expect(verify([part({ alg: 'HS256', kid }), payload, mac].join('.'))).rejects.toThrow(refused('invalid'))
    },
  )

  it('refuses a kid of 10 KB for its size', async () => {
    const { verify, signed } = world()
    await expect(signed({}, { kid: 'k'.repeat(10_000) }).then(verify)).rejects.toThrow(refused('invalid'))
  })

  it('takes no key from the token, and calls no address that it names', async () => {
    let called = 0
    const server = createServer((_, response) => response.end(String(++called))).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
    const forger = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(forger.publicKey)
    const ours = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    const publicKey = ours.export({ type: 'spki', format: 'pem' }).toString()
    const { verify, claims } = world({ keys: { kind: 'public-key', publicKey } })
    for (const header of [{ jku: url }, { x5u: url }, { jwk }, { x5c: ['AAAA'] }, { jku: url, jwk, kid: 'x' }]) {
      const token = await new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', ...header }).sign(forger.privateKey)
      await expect(verify(token)).rejects.toThrow(refused('invalid'))
    }
    server.close()
    expect(called).toBe(0)
  })

  it.each([['b64'], ['exp'], ['x'], [], 'b64', null])('refuses a token with crit %j', async crit => {
    const { verify, claims } = world()
    const text = `${part({ alg: 'HS256', crit, b64: true, exp: 1, x: 1 })}.${part(claims())}`
    const mac = createHmac('sha256', SECRET).update(text).digest('base64url')
    await expect(verify(`${text}.${mac}`)).rejects.toThrow(refused('invalid'))
  })

  it.each([
    ['no exp', { exp: undefined }],
    ['an exp in 100 years', { exp: 4_900_000_000 }],
    ['another issuer', { iss: 'them' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'shop' }],
    ['no tenant', { org_id: undefined }],
    ['an empty tenant', { org_id: '' }],
    ['a tenant that is no text', { org_id: 7 }],
    ['no user', { sub: undefined }],
    ['a user with NUL', { sub: 'a\0b' }],
  ])('refuses a well-signed token with %s', async (_, said) => {
    const { verify, signed } = world({ issuer: 'us', audience: 'chat' })
    expect(await verify(await signed({ iss: 'us', aud: 'chat' }))).toMatchObject({ userId: 'alice' })
    await expect(signed({ iss: 'us', aud: 'chat', ...said }).then(verify)).rejects.toThrow(refused('invalid'))
  })

  it('tells nobody why: one message for every invalid token', async () => {
    const { verify, signed } = world()
    for (const token of ['x', await signed({ sub: '' }), await signed({ exp: 'soon' })]) {
      await expect(verify(token)).rejects.toThrow(/^The token is not valid\.$/)
    }
  })

  it('refuses key material that is none', () => {
    expect(() => world({ keys: { kind: 'secret', secret: 'x'.repeat(31) } })).toThrow(RangeError)
    expect(() => world({ keys: { kind: 'public-key', publicKey: 'x' } })).toThrow(TypeError)
  })
})

describe("the authenticator's memory", () => {
  it('checks the signature of a token once', async () => {
    const { verify, mint } = world()
    const token = await mint()
    expect(await verify(token)).toBe(await verify(token))
  })

  it('lets a remembered token expire on time', async () => {
    const { verify, mint, clock } = world()
    const token = await mint()
    await verify(token)
    clock.advance(59_999)
    await verify(token)
    clock.advance(1)
    await expect(verify(token)).rejects.toThrow(refused('expired'))
  })

  it('gives one caller no way to change what the next one gets', async () => {
    const { verify, mint } = world()
    const viewer = await verify(await mint({ roles: ['member'] }))
    expect(Object.isFrozen(viewer) && Object.isFrozen(viewer.roles)).toBe(true)
  })

  it('remembers no refusal: a token that is not yet valid becomes so', async () => {
    const { verify, signed, clock } = world()
    const token = await signed({ nbf: clock.now() / 1000 + 30 })
    await expect(verify(token)).rejects.toThrow(refused('invalid'))
    clock.advance(30_000)
    expect(await verify(token)).toMatchObject({ userId: 'alice' })
  })

  it('keeps those used last when it is full', async () => {
    const { verify, mint } = world({ cacheSize: 2 })
    const [a, b, c] = [await mint({ userId: 'a' }), await mint({ userId: 'b' }), await mint({ userId: 'c' })]
    const first = { a: await verify(a), b: await verify(b) }
    await verify(a)
    await verify(c)
    expect(await verify(a)).toBe(first.a)
    expect(await verify(b)).not.toBe(first.b)
  })
})
