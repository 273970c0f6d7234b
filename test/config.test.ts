import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../src/config.ts'
import { DEFAULT_LIMITS } from '../src/limits/table.ts'
import { DEFAULT_TRANSPORT_OPTIONS } from '../src/transport/options.ts'

const SECRET = 'a secret of more than thirty-two bytes'

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('readConfig', () => {
  it('needs nothing in development', () => {
    expect(readConfig({})).toMatchObject({
      environment: 'development',
      host: '127.0.0.1',
      port: 4000,
      dataDir: '.colloquy',
      databaseUrl: null,
      redisUrls: [],
      tokens: { keys: null, tenantClaim: 'org_id', issuer: undefined, audience: undefined },
      rateLimits: DEFAULT_LIMITS,
      rateLimitNodes: 2,
      transport: { ...DEFAULT_TRANSPORT_OPTIONS, allowLocalOrigins: true, graphiql: true },
      log: { level: 'info', pretty: true },
    })
  })

  it('takes an empty variable for none', () => {
    const names = ['PORT', 'JWT_SECRET', 'JWKS_URL', 'ALLOWED_ORIGINS', 'RATE_LIMITS', 'NODE_ENV', 'REDIS_URL']
    expect(readConfig(Object.fromEntries(names.map(name => [name, ''])))).toEqual(readConfig({}))
  })

  it('tells every problem in one message, a line for each variable', () => {
    const env = {
      PORT: '70000',
      MAX_QUERY_DEPTH: '-1',
      JWT_SECRET: 'short',
      JWKS_URL: 'http://127.0.0.1/keys',
      LOG_LEVEL: 'loud',
    }
    expect(() => readConfig(env)).toThrow(ConfigError)
    expect(problemsOf(env).map(line => line.split(':')[0])).toEqual([
      'PORT',
      'LOG_LEVEL',
      'JWT_SECRET',
      'MAX_QUERY_DEPTH',
      'JWT_SECRET, JWKS_URL',
    ])
    expect(() => readConfig(env)).toThrow(
      /^The configuration cannot be used:\n {2}PORT: must be a whole number from 0 to 65535\n/,
    )
  })

  it.each([
    ['PORT', '1.5'],
    ['PORT', '0x10'],
    ['PORT', '1e3'],
    ['PORT', ' 80'],
    ['PORT', '99999999999999999999'],
    ['HOST', 'a b'],
    ['NODE_ENV', 'staging'],
    ['DATABASE_URL', 'mysql://user:the-secret@host/db'],
    ['DATABASE_URL', 'the-secret'],
    ['REDIS_URL', 'redis://one,http://the-secret'],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'https://chat.example/'],
    ['ALLOWED_ORIGINS', 'https://chat.example,,https://other.example'],
    ['ALLOWED_ORIGINS', 'https://Chat.example'],
    ['ALLOWED_ORIGINS', 'file:///etc'],
    ['JWT_SECRET', 'the-secret of 31 bytes ........'],
    ['JWT_PUBLIC_KEY', 'the-secret'],
    ['JWT_PUBLIC_KEY', '{"kty":"oct","k":"the-secret"}'],
    ['JWKS_URL', 'file:///the-secret'],
    ['JWT_TENANT_CLAIM', 'sub'],
    ['JWT_MAX_LIFETIME_SECONDS', '0'],
    ['MAX_SOCKETS_PER_USER', '0'],
    ['MAX_FRAME_BYTES', '-5'],
    ['RATE_LIMITS', 'on'],
    ['RATE_LIMITS', '[]'],
    ['RATE_LIMITS', '{"the-secret": {"tokens": 1, "perSeconds": 1, "burst": 1}}'],
    ['RATE_LIMITS', '{"constructor": {"tokens": 1, "perSeconds": 1, "burst": 1}}'],
    ['RATE_LIMITS', '{"message:send": {"tokens": 1, "perSeconds": 1}}'],
    ['RATE_LIMITS', '{"message:send": {"tokens": 0, "perSeconds": 1, "burst": 1}}'],
    ['RATE_LIMITS', '{"message:send": {"tokens": 1.5, "perSeconds": 1, "burst": 1}}'],
    ['RATE_LIMITS', '{"message:send": {"tokens": 1, "perSeconds": 60, "burst": 31}}'],
  ])('refuses %s=%s without repeating it', (name, value) => {
    const problems = problemsOf({ [name]: value })
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name}: must `))])
    expect(problems.join()).not.toContain('the-secret')
  })

  it('refuses to start in production without a key, and with more than one', () => {
    const sources = 'JWT_SECRET, JWT_PUBLIC_KEY, JWKS_URL'
    expect(problemsOf({ NODE_ENV: 'production' })).toEqual([`${sources}: one of them must be set in production`])
    const two = { JWT_SECRET: SECRET, JWKS_URL: 'https://id.example/keys' }
    expect(problemsOf(two)).toEqual(['JWT_SECRET, JWKS_URL: only one of them may be set'])
  })

  it('takes each of the three kinds of keys', () => {
    const keysOf = (env: Record<string, string>) => readConfig({ NODE_ENV: 'production', ...env }).tokens.keys
    const { publicKey } = generateKeyPairSync('ed25519')
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    expect(keysOf({ JWT_SECRET: SECRET })).toEqual({ kind: 'secret', secret: SECRET })
    expect(keysOf({ JWT_PUBLIC_KEY: pem })).toEqual({ kind: 'public-key', publicKey: pem })
    expect(keysOf({ JWKS_URL: 'https://id.example/keys' })).toEqual({ kind: 'jwks', url: 'https://id.example/keys' })
  })

  it('closes in production what development leaves open', () => {
    const { transport, log } = readConfig({ NODE_ENV: 'production', JWT_SECRET: SECRET })
    expect(transport).toMatchObject({ allowedOrigins: [], allowLocalOrigins: false, graphiql: false })
    expect(log.pretty).toBe(false)
  })

  it('takes a list of origins instead of localhost', () => {
    const { transport } = readConfig({ ALLOWED_ORIGINS: 'https://chat.example, http://[::1]:8080' })
    expect(transport.allowedOrigins).toEqual(['https://chat.example', 'http://[::1]:8080'])
    expect(transport.allowLocalOrigins).toBe(false)
  })

  it('takes one Redis or a cluster', () => {
    const { redisUrls } = readConfig({ REDIS_URL: 'redis://one:6379,rediss://two:6379' })
    expect(redisUrls).toEqual(['redis://one:6379', 'rediss://two:6379'])
  })

  it('puts overrides over the table of rate limits, or takes it away', () => {
    const limit = { tokens: 100, perSeconds: 10, burst: 50 }
    const { rateLimits } = readConfig({ RATE_LIMITS: JSON.stringify({ 'message:send': limit }) })
    expect(rateLimits).toEqual({ ...DEFAULT_LIMITS, 'message:send': limit })
    expect(readConfig({ RATE_LIMITS: 'off' }).rateLimits).toBe('off')
  })

  it('is frozen through and through', () => {
    const config = readConfig({ JWT_SECRET: SECRET, REDIS_URL: 'redis://one' })
    const open: string[] = []
    const visit = (value: unknown, path: string) => {
      if (typeof value !== 'object' || value === null) return
      if (!Object.isFrozen(value)) open.push(path)
      for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`)
    }
    visit(config, 'config')
    expect(open).toEqual([])
  })

  it('does not let Object.prototype configure anything', () => {
    const env = Object.create({ PORT: '1' }) as Record<string, string>
    expect(readConfig(env).port).toBe(4000)
  })
})
