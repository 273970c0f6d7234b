import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient, type Client as Socket } from 'graphql-ws'
import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { mintToken } from '../../src/auth/mint-token.ts'
import { emptyDirectory, run, type Served, serve, stopped } from '../cli/command.ts'
import { administer, pgliteDirectory, postgresDatabase } from '../support/database.ts'
import { listen } from '../support/listening.ts'
import { allEvents } from '../transport/sse-fixture.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const ENV = { JWT_SECRET: SECRET, RATE_LIMITS: 'off', DRAIN_MS: '0' }
/** For a machine that is busy with other tests. */
const PATIENCE = { timeout: 20_000 }
const INBOX = 'subscription { inbox { __typename } }'
const CREATE = 'mutation { createConversation(input: { kind: GROUP, title: "held" }) { conversation { title } } }'
const CREATED = { data: { createConversation: { conversation: { title: 'held' } } } }

async function authorizationIn(tenantId: string): Promise<string> {
  const rest = { userId: 'alice', tenantClaim: 'org_id', ttlSeconds: 3600, now: Date.now() }
  return `Bearer ${await mintToken({ secret: SECRET, tenantId, ...rest })}`
}

const authorization = await authorizationIn('acme')

async function directory(): Promise<string> {
  const { path, close } = await pgliteDirectory()
  onTestFinished(close)
  return path
}

function post({ url }: Served, query: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  })
}

function socketTo({ url }: Served, authorized = authorization): Socket {
  const client = createClient({
    url: url.href.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: authorized },
    retryAttempts: 0,
  })
  onTestFinished(() => client.dispose())
  return client
}

async function readiness({ url }: Served): Promise<number> {
  return (await fetch(new URL('/readyz', url))).status
}

/** A session that works beside the servers. */
async function session(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** How many sessions of the database wait for a lock. */
async function waiters(url: string): Promise<number> {
  const waiting = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return (await administer(waiting, url)).length
}

test('SIGTERM closes sockets with 1012, ends event streams, and gives port and data directory back', async () => {
  const DATA_DIR = await directory()
  const server = await serve({ ...ENV, DATA_DIR })
  const sockets = [listen(socketTo(server), INBOX), listen(socketTo(server), INBOX)]
  for (const each of sockets) await each.first(() => true)
  const response = await post(server, INBOX, { accept: 'text/event-stream' })
  expect(await readiness(server)).toBe(200)
  server.signal('SIGTERM')
  for (const { ended } of sockets) expect(await ended).toMatchObject({ code: 1012 })
  expect((await allEvents(response)).map(({ event }) => event)).toEqual(['next'])
  expect(await server.ended).toBe(0)
  expect(server.log().at(-1)).toMatchObject({ msg: 'shutting down', signal: 'SIGTERM' })
  await stopped(await serve({ ...ENV, DATA_DIR, PORT: server.url.port }))
})

test('SIGTERM lets running mutations finish, and meanwhile it is not ready', async () => {
  const { url, close } = await postgresDatabase()
  onTestFinished(close)
  const server = await serve({ ...ENV, DATABASE_URL: url })
  // Two tenants, so that the one does not wait for the other's turn.
  const other = await authorizationIn('other')
  for (const each of [authorization, other]) {
    expect(await (await post(server, CREATE, { authorization: each })).json()).toEqual(CREATED)
  }
  const holder = await session(url)
  await holder.query('BEGIN; SELECT FROM tenant_head FOR UPDATE')
  const posted = post(server, CREATE)
  const overSocket = socketTo(server, other).iterate({ query: CREATE }).next()
  await expect.poll(() => waiters(url), PATIENCE).toBe(2)
  server.signal('SIGTERM')
  await server.logged('shutting down')
  expect(await readiness(server)).toBe(503)
  expect((await post(server, '{ __typename }')).status).toBe(503)
  await holder.query('COMMIT')
  expect(await (await posted).json()).toEqual(CREATED)
  expect((await overSocket).value).toEqual(CREATED)
  expect(await server.ended).toBe(0)
})

test('a client that keeps its connection after its last answer does not hold it up', async () => {
  const { url, close } = await postgresDatabase()
  onTestFinished(close)
  const server = await serve({ ...ENV, DATABASE_URL: url, DRAIN_GRACE_MS: '60000' })
  expect(await (await post(server, CREATE)).json()).toEqual(CREATED)
  const holder = await session(url)
  await holder.query('BEGIN; SELECT FROM tenant_head FOR UPDATE')
  const posted = post(server, CREATE)
  await expect.poll(() => waiters(url), PATIENCE).toBe(1)
  server.signal('SIGTERM')
  await server.logged('shutting down')
  await holder.query('COMMIT')
  expect(await (await posted).json()).toEqual(CREATED)
  const late = new Promise(resolve => setTimeout(resolve, 5_000, 'still there').unref())
  expect(await Promise.race([server.ended, late])).toBe(0)
})

test('a second signal ends it at once', async () => {
  const server = await serve({ ...ENV, DATA_DIR: await directory(), DRAIN_MS: '600000' })
  const sockets = [listen(socketTo(server), INBOX), listen(socketTo(server), INBOX)]
  for (const each of sockets) await each.first(() => true)
  server.signal('SIGINT')
  await expect.poll(() => readiness(server), PATIENCE).toBe(503)
  const again = setInterval(() => server.signal('SIGINT'), 50)
  onTestFinished(() => clearInterval(again))
  expect(await server.ended).toBe(130)
  expect(server.log().at(-1)).toMatchObject({ msg: 'ended at once: a second signal came', signal: 'SIGINT' })
})

test('the two signals of one Ctrl-C under npm are one', async () => {
  const server = await serve({ ...ENV, DATA_DIR: await directory() })
  const socket = listen(socketTo(server), INBOX)
  await socket.first(() => true)
  server.signal('SIGINT')
  server.signal('SIGINT')
  expect(await socket.ended).toMatchObject({ code: 1012 })
  expect(await server.ended).toBe(0)
})

test('SIGTERM while it makes its first database ends it cleanly, and the next start works', async () => {
  const DATA_DIR = emptyDirectory()
  const starting = run(['serve'], { env: { ...ENV, PORT: '0', DATA_DIR, DRAIN_GRACE_MS: '60000' } })
  await expect.poll(() => existsSync(join(DATA_DIR, 'postgres.new')), PATIENCE).toBe(true)
  await stopped(starting)
  expect(starting.log().map(({ msg }) => msg)).toEqual(['shutting down'])
  expect((await readdir(DATA_DIR)).sort()).toEqual(['lock', 'postgres'])
  await stopped(await serve({ ...ENV, DATA_DIR }))
})

test('SIGTERM while it waits for what another node migrates ends it without waiting', async () => {
  const { url, close } = await postgresDatabase()
  onTestFinished(close)
  const other = await session(url)
  await other.query(`BEGIN; SELECT pg_advisory_xact_lock(${Buffer.from('colloquy').readBigInt64BE()})`)
  const starting = run(['serve'], { env: { ...ENV, PORT: '0', DATABASE_URL: url, DRAIN_GRACE_MS: '100' } })
  await expect.poll(() => waiters(url), PATIENCE).toBe(1)
  await stopped(starting)
  await other.query('COMMIT')
  await stopped(await serve({ ...ENV, DATABASE_URL: url }))
})
