import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Authenticator, createAuthenticator } from '../../src/auth/authenticator.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { createRecordingLogger, type RecordingLogger } from '../support/recording-logger.ts'
import { createKeyServer, createSigner, type KeyServer, type Signer } from './key-server.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const refused = (reason: string) => expect.objectContaining({ name: 'TokenError', reason })

/** jose asks the machine what time it is: here the machine says what the test wants, and everything else runs in real time. */
function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms)
}

const claims = (sub = 'alice') => ({ sub, org_id: 'acme', exp: Math.floor(Date.now() / 1000) + 86_400 })

describe('keys of a key set', () => {
  let server: KeyServer
  let logger: RecordingLogger
  let old: Signer
  let fresh: Signer

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) })
    server = await createKeyServer()
    logger = createRecordingLogger()
    old = await createSigner('old')
    fresh = await createSigner('fresh')
    server.keys = [old.jwk]
  })
  afterEach(async () => {
    await server.close()
    vi.useRealTimers()
  })

  function open(): Authenticator {
    return createAuthenticator({
      keys: { kind: 'jwks', url: server.url },
      clock: systemClock,
      logger,
      tenantClaim: 'org_id',
      maxLifetimeSeconds: 30 * 86_400,
    })
  }

  it('are fetched once for any number of tokens', async () => {
    const { verify } = open()
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, nth) => old.sign(claims(`user ${nth}`))))
    const viewers = await Promise.all(tokens.map(verify))
    expect(viewers.map(viewer => viewer.userId)).toEqual(tokens.map((_, nth) => `user ${nth}`))
    expect(server.asked).toBe(1)
  })

  it.each(['RS256', 'PS384', 'ES384', 'EdDSA'])('may be of %s', async alg => {
    const signer = await createSigner('any', alg)
    server.keys = [signer.jwk]
    expect(await open().verify(await signer.sign(claims()))).toMatchObject({ userId: 'alice' })
  })

  it('may be several for a token that names none', async () => {
    server.keys = [{ ...old.jwk }, { ...fresh.jwk }]
    const { verify } = open()
    for (const signer of [old, fresh]) {
      const token = await signer.sign(claims(signer.jwk.kid), { kid: undefined })
      expect(await verify(token)).toMatchObject({ userId: signer.jwk.kid })
    }
    const stranger = await createSigner('stranger')
    await expect(stranger.sign(claims(), { kid: undefined }).then(verify)).rejects.toThrow(refused('invalid'))
  })

  it('never serve as a secret', async () => {
    server.keys = [old.jwk, { kty: 'oct', kid: 'oct', k: Buffer.alloc(32, 1).toString('base64url'), alg: 'HS256' }]
    const { verify } = open()
    for (const secret of [JSON.stringify(old.jwk), Buffer.alloc(32, 1)]) {
      const header = { alg: 'HS256', kid: 'oct' }
      const token = await new SignJWT(claims()).setProtectedHeader(header).sign(Buffer.from(secret))
      await expect(verify(token)).rejects.toThrow(refused('invalid'))
    }
    expect(server.asked).toBe(0)
  })

  it('are known at once when they are new', async () => {
    const { verify } = open()
    await verify(await old.sign(claims()))
    pass(31 * SECOND)
    server.keys = [old.jwk, fresh.jwk]
    expect(await verify(await fresh.sign(claims('bob')))).toMatchObject({ userId: 'bob' })
    expect(server.asked).toBe(2)
  })

  it('are refused within 10 minutes when they are taken out, even for tokens that were verified before', async () => {
    const { verify } = open()
    const token = await old.sign(claims())
    await verify(token)
    server.keys = [fresh.jwk]
    for (let minute = 0; minute < 10; minute++) {
      await verify(token).catch(error => expect(error).toMatchObject({ reason: 'invalid' }))
      pass(MINUTE)
    }
    await expect(verify(token)).rejects.toThrow(refused('invalid'))
    await expect(old.sign(claims('bob')).then(verify)).rejects.toThrow(refused('invalid'))
    expect(await verify(await fresh.sign(claims()))).toMatchObject({ userId: 'alice' })
  })

  it('are fetched at most once in 30 s, whatever unknown keys the tokens name', async () => {
    const { verify } = open()
    await verify(await old.sign(claims()))
    pass(31 * SECOND)
    for (let nth = 0; nth < 1000; nth++) {
      await expect(old.sign(claims(), { kid: `unknown ${nth}` }).then(verify)).rejects.toThrow(refused('invalid'))
    }
    expect(server.asked).toBe(2)
    pass(31 * SECOND)
    await expect(old.sign(claims(), { kid: 'another' }).then(verify)).rejects.toThrow(refused('invalid'))
    expect(server.asked).toBe(3)
  })

  it.each(['down', 'error', 'rubbish'] as const)('serve from memory while their server is %s', async mode => {
    const { verify } = open()
    await verify(await old.sign(claims()))
    pass(4 * MINUTE)
    await verify(await old.sign(claims('bob')))
    server.mode = mode
    for (let nth = 0; nth < 5; nth++) {
      pass(MINUTE)
      await verify(await old.sign(claims(`user ${nth}`)))
    }
    const asked = server.asked
    pass(61 * SECOND)
    await expect(old.sign(claims('carol')).then(verify)).rejects.toThrow(refused('unavailable'))
    server.mode = 'up'
    pass(31 * SECOND)
    expect(await verify(await old.sign(claims('carol')))).toMatchObject({ userId: 'carol' })
    expect(server.asked).toBeGreaterThan(asked)
  })

  it('are fetched ahead of time, so that at least 5 minutes are left when the server goes down', async () => {
    const { verify } = open()
    await verify(await old.sign(claims()))
    pass(5 * MINUTE + 1)
    await verify(await old.sign(claims('bob')))
    await vi.waitFor(() => expect(server.asked).toBe(2))
  })

  it('are asked for at most once in 30 s while the server is down, and the log says so', async () => {
    server.mode = 'down'
    const { verify } = open()
    for (let nth = 0; nth < 50; nth++) {
      await expect(old.sign(claims()).then(verify)).rejects.toThrow(refused('unavailable'))
    }
    expect(server.asked).toBe(1)
    expect(logger.entries).toMatchObject([{ level: 'warn', message: 'the key set cannot be had' }])
    pass(31 * SECOND)
    server.mode = 'up'
    expect(await verify(await old.sign(claims()))).toMatchObject({ userId: 'alice' })
    expect(server.asked).toBe(2)
  })
})
