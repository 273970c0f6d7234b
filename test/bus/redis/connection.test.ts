import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { Redis } from 'ioredis'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createRedisConnection } from '../../../src/bus/redis/connection.ts'
import { systemClock } from '../../../src/domain/clock.ts'
import { createRecordingLogger } from '../../support/recording-logger.ts'
import { ownRedis, sharedRedis } from '../../support/redis.ts'

function open(...urls: readonly string[]) {
  const logger = createRecordingLogger()
  const connection = createRedisConnection({ urls, clock: systemClock, logger })
  onTestFinished(() => connection.close())
  return { connection, logger }
}

async function answers(url: string): Promise<void> {
  const { connection } = open(url)
  await vi.waitUntil(() => connection.connected, 5000)
  expect(await connection.client.ping()).toBe('PONG')
}

describe('the connection to Redis', () => {
  it('logs in with a password, and as a user', async () => {
    const redis = await ownRedis({ requirepass: 'p@ss:word' })
    onTestFinished(() => redis.close())
    const at = `127.0.0.1:${redis.port}`
    await answers(`redis://:p%40ss%3Aword@${at}`)
    const client = new Redis(redis.port, { password: 'p@ss:word' })
    onTestFinished(() => client.disconnect())
    await client.acl('SETUSER', 'bob', 'on', '>secret', '~*', '&*', '+@all')
    await answers(`redis://bob:secret@${at}`)
  })

  it('says once that it cannot log in, and not with what', async () => {
    const redis = await ownRedis({ requirepass: 'right' })
    onTestFinished(() => redis.close())
    const { connection, logger } = open(`redis://:wrong-secret@127.0.0.1:${redis.port}`)
    await vi.waitUntil(() => logger.entries.length > 0, 10_000)
    expect(connection.connected).toBe(false)
    expect(JSON.stringify(logger.entries)).toMatch(/WRONGPASS/)
    expect(JSON.stringify(logger.entries)).not.toMatch(/secret/)
  })

  it('speaks TLS, and only with whom the certificate is for', async () => {
    const file = (name: string) => readFileSync(new URL(`./tls/${name}`, import.meta.url), 'utf8')
    const cert = file('certificate.pem')
    const server = createServer({ cert, key: file('key.pem') }, client => {
      const redis = connect(Number(new URL(sharedRedis()).port), new URL(sharedRedis()).hostname)
      client.pipe(redis).pipe(client)
      for (const socket of [client, redis]) socket.on('error', () => {})
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0

    const { connection, logger } = open(`rediss://localhost:${port}`)
    await vi.waitUntil(() => logger.entries.length > 0, 10_000)
    expect(connection.connected).toBe(false)

    const trusted = getCACertificates('default')
    setDefaultCACertificates([...trusted, cert])
    onTestFinished(() => setDefaultCACertificates(trusted))
    await answers(`rediss://localhost:${port}`)
    await answers(`rediss://127.0.0.1:${port}`)
  })

  it('can be closed before it was open', async () => {
    const redis = await ownRedis()
    onTestFinished(() => redis.close())
    await open(redis.url).connection.close()
    await redis.kill()
    const { connection, logger } = open(redis.url)
    await vi.waitUntil(() => logger.entries.length > 0, 10_000)
    await connection.close()
    await connection.close()
  })

  it('fails commands at once while Redis is away, and keeps none for later', async () => {
    const redis = await ownRedis()
    onTestFinished(() => redis.close())
    const { connection } = open(redis.url)
    const back = vi.fn()
    connection.onBack(back)
    await vi.waitFor(() => expect(back).toHaveBeenCalledOnce(), 5000)
    await redis.kill()
    await vi.waitUntil(() => !connection.connected)
    await expect(connection.client.set('late', '1')).rejects.toThrow()
    await redis.start()
    await vi.waitFor(() => expect(back).toHaveBeenCalledTimes(2), 5000)
    expect(await connection.client.get('late')).toBeNull()
  })

  it('is not taken for lost because Redis refuses a command', async () => {
    const { connection } = open(sharedRedis())
    await vi.waitUntil(() => connection.connected, 5000)
    await expect(connection.ask(client => client.call('NOSUCHCOMMAND'))).rejects.toThrow('unknown command')
    expect(connection.connected).toBe(true)
    await expect(connection.ask(() => Promise.reject(new Error('lost')))).rejects.toThrow('lost')
    expect(connection.connected).toBe(false)
    await expect(connection.ask(client => client.ping())).rejects.toThrow('away')
    await vi.waitUntil(() => connection.connected, 5000)
  })

  it('says once what kind of command Redis refuses, and again after it was away', async () => {
    const redis = await ownRedis()
    onTestFinished(() => redis.close())
    const admin = new Redis(redis.url)
    onTestFinished(() => admin.disconnect())
    await admin.acl('SETUSER', 'deaf', 'on', '>secret', '~*', '+@all', 'resetchannels')
    const { connection, logger } = open(`redis://deaf:secret@${redis.host}:${redis.port}`)
    const refusals = () => logger.entries.filter(({ level }) => level === 'warn').map(({ fields }) => fields)
    const publish = () => connection.ask(client => client.publish('channel', 'message'))
    await vi.waitUntil(() => connection.connected, 5000)
    for (let each = 0; each < 3; each++) await expect(publish()).rejects.toThrow('NOPERM')
    expect(refusals()).toEqual([{ reason: expect.stringMatching(/^NOPERM/) }])
    connection.falter(new Error('lost'))
    await vi.waitUntil(() => connection.connected, 5000)
    await expect(publish()).rejects.toThrow('NOPERM')
    expect(refusals().at(-1)).toEqual({ reason: expect.stringMatching(/^NOPERM/) })
    expect(refusals()).toHaveLength(3)
  })

  it('is made anew when the primary has become a replica', async () => {
    const [primary, other] = [await ownRedis(), await ownRedis()]
    onTestFinished(async () => {
      for (const redis of [primary, other]) await redis.close()
    })
    const { connection } = open(primary.url)
    await vi.waitUntil(() => connection.connected, 5000)
    await connection.ask(client => client.call('REPLICAOF', other.host, other.port))
    const closed = vi.fn()
    connection.client.on('close', closed)
    await expect(connection.ask(client => client.set('a', '1'))).rejects.toThrow('READONLY')
    await vi.waitFor(() => expect(closed).toHaveBeenCalled(), 5000)
    await vi.waitUntil(() => connection.connected, 5000)
  })
})
