import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { postgresDatabase, type TestDatabase } from '../support/database.ts'
import { listenToEvents } from '../support/listening.ts'
import { ownRedis } from '../support/redis.ts'
import * as say from '../support/sayings.ts'
import { type Answer, type Person, startTestServer, type TestServer } from '../support/server.ts'
import { openSocket } from '../transport/socket-fixture.ts'
import { codesOf, get, openLine, post, read } from './abuse/ways.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const ME = { query: '{ viewer { user { id } } }' }
const INBOX = 'subscription { inbox { __typename } }'
const REVOKE = /* GraphQL */ `
  mutation Revoke($input: RevokeSessionsInput!) {
    revokeSessions(input: $input) { revokedAt userErrors { code field } }
  }
`

let database: TestDatabase
/** Two nodes over one database, which hear nothing of each other. */
let server: TestServer
let other: TestServer
beforeAll(async () => {
  database = await postgresDatabase()
  const env = { DATABASE_URL: database.url, JWT_SECRET: SECRET }
  server = await startTestServer({ env })
  other = await startTestServer({ env })
})
afterAll(async () => {
  await server.close()
  await other.close()
  await database.close()
})

let tenants = 0
let tenantId: string
let admin: Person
let bob: Person
/** Alice on two devices. */
let phone: Person
let laptop: Person
beforeEach(async () => {
  tenantId = `tenant-${++tenants}`
  admin = await server.person('admin', { tenantId, roles: ['admin'] })
  bob = await server.person('bob', { tenantId, roles: ['support', 'Admin', 'admins'] })
  phone = await server.person('alice', { tenantId, tokenId: 'phone' })
  laptop = await server.person('alice', { tenantId, tokenId: 'laptop' })
  await Promise.all([admin, bob, phone].map(say.look))
})

const revoke = (person: Person, input: Record<string, unknown>) => person.ask(REVOKE, { input })
const revoked = { data: { revokeSessions: { revokedAt: expect.any(String), userErrors: [] } } }
const refused = (code: string, field: readonly string[] | null) => ({
  data: { revokeSessions: { revokedAt: null, userErrors: [{ code, field }] } },
})

/** How each way in answers the token: a code, or who it is. */
async function everyWay(node: TestServer, person: Person): Promise<Record<string, unknown>> {
  const text = JSON.stringify(ME)
  const ways = {
    POST: post(node, person, text),
    GET: get(node, person, ME),
    SSE: post(node, person, JSON.stringify({ query: INBOX }), { accept: 'text/event-stream' }),
  }
  const answers = await Promise.all(
    Object.entries(ways).map(async ([way, asked]) => {
      const response = await asked
      if (response.ok && way === 'SSE') await response.body?.cancel()
      return [way, response.ok ? 'good' : codesOf(await read(response)).join()]
    }),
  )
  const { socket, closed, say: speak, heard } = await openSocket(node.url.href.replace('http', 'ws'))
  speak({ type: 'connection_init', payload: { authorization: `Bearer ${person.token}` } })
  const known = heard('connection_ack').then(
    () => 'good',
    () => 'nothing',
  )
  const answer = await Promise.race([closed, known])
  socket.close()
  return { ...Object.fromEntries(answers), WebSocket: answer }
}

const GOOD = { POST: 'good', GET: 'good', SSE: 'good', WebSocket: 'good' }
const BAD = { POST: 'UNAUTHENTICATED', GET: 'UNAUTHENTICATED', SSE: 'UNAUTHENTICATED', WebSocket: 4403 }

const expectAlive = async (line: { ask(asked: typeof ME): Promise<Answer> }, id: string) =>
  expect(await line.ask(ME)).toEqual({ data: { viewer: { user: { id } } } })

test('a revoked user is out on every device and by every way, and in again with a token that was issued later', async () => {
  const lines = await Promise.all([phone, laptop].map(person => openLine(server, person)))
  const bystander = await openLine(server, bob)
  const events = listenToEvents<{ inbox: object }>(server, phone, INBOX)
  await events.first(() => true)
  expect(await revoke(admin, { userId: 'alice' })).toEqual(revoked)
  expect(await everyWay(server, phone)).toEqual(BAD)
  expect(await everyWay(server, laptop)).toEqual(BAD)
  expect(await Promise.all(lines.map(line => line.closed))).toEqual([4403, 4403])
  expect(await events.ended).toEqual(new Error('the stream was cut'))
  await expectAlive(bystander, 'bob')
  const issued = (aheadMs: number) => server.person('alice', { tenantId, issuedAt: Date.now() + aheadMs })
  expect(await everyWay(server, await issued(1_000))).toEqual(BAD)
  // As far ahead as is borne with; `iat` has whole seconds.
  await expect.poll(async () => everyWay(server, await issued(5_000)), { timeout: 5_000 }).toEqual(GOOD)
})

test('a revoked token is out, and the user goes on with the others', async () => {
  const [onPhone, onLaptop] = [await openLine(server, phone), await openLine(server, laptop)]
  expect(await revoke(admin, { tokenId: 'phone' })).toEqual(revoked)
  expect(await onPhone.closed).toBe(4403)
  expect(await everyWay(server, phone)).toEqual(BAD)
  expect(await everyWay(server, laptop)).toEqual(GOOD)
  await expectAlive(onLaptop, 'alice')
})

test('a session that has gone on to another token is not ended by the one before, and takes no revoked one', async () => {
  const refresh = (line: Awaited<ReturnType<typeof openLine>>, { token }: Person) =>
    line.ask({
      query: 'mutation Refresh($token: String!) { refreshSession(input: { token: $token }) { userErrors { code } } }',
      variables: { token },
    })
  const line = await openLine(server, phone)
  expect(await refresh(line, laptop)).toEqual({ data: { refreshSession: { userErrors: [] } } })
  await revoke(admin, { tokenId: 'phone' })
  expect(await refresh(line, phone)).toEqual({ data: { refreshSession: { userErrors: [{ code: 'INVALID' }] } } })
  await expectAlive(line, 'alice')
  await revoke(admin, { tokenId: 'laptop' })
  expect(await line.closed).toBe(4403)
})

test('who takes the own token back hears so before the socket is closed', async () => {
  const line = await openLine(server, admin)
  expect(await line.ask({ query: REVOKE, variables: { input: { userId: 'admin' } } })).toEqual(revoked)
  expect(await line.closed).toBe(4403)
  expect(await everyWay(server, admin)).toEqual(BAD)
})

describe('it is for admins', () => {
  test('anybody else is refused, and nothing happens', async () => {
    const line = await openLine(server, phone)
    for (const person of [bob, phone]) {
      for (const input of [{ userId: 'alice' }, { tokenId: 'phone' }, {}]) {
        expect(await revoke(person, input)).toEqual(refused('FORBIDDEN', null))
      }
    }
    expect(await everyWay(server, phone)).toEqual(GOOD)
    await expectAlive(line, 'alice')
  })

  test("another tenant's admin changes nothing, and is told no more than of an id that never was", async () => {
    const stranger = await server.person('admin', { tenantId: `${tenantId}-b`, roles: ['admin'] })
    await say.look(stranger)
    const line = await openLine(server, phone)
    for (const input of [{ userId: 'alice' }, { tokenId: 'phone' }, { userId: 'nobody' }, { tokenId: 'never' }]) {
      expect(await revoke(stranger, input)).toEqual(revoked)
    }
    expect(await everyWay(server, phone)).toEqual(GOOD)
    await expectAlive(line, 'alice')
  })
})

test.each([
  [{}, 'INVALID', ['input']],
  [{ userId: null, tokenId: null }, 'INVALID', ['input']],
  [{ userId: 'alice', tokenId: 'phone' }, 'INVALID', ['input']],
  [{ userId: 'a\0' }, 'INVALID', ['input', 'userId']],
  [{ userId: '' }, 'INVALID', ['input', 'userId']],
  [{ tokenId: 'x'.repeat(256) }, 'TOO_LONG', ['input', 'tokenId']],
])('what names nobody is refused: %j', async (input, code, field) => {
  expect(await revoke(admin, input)).toEqual(refused(code, field))
  expect(await everyWay(server, phone)).toEqual(GOOD)
})

test('a node that is told nothing closes the sockets and refuses the tokens within 10 s', async () => {
  const line = await openLine(other, phone)
  const bystander = await openLine(other, bob)
  expect(await everyWay(other, laptop)).toEqual(GOOD)
  const since = performance.now()
  expect(await revoke(admin, { userId: 'alice' })).toEqual(revoked)
  expect(await line.closed).toBe(4403)
  const took = Math.round(performance.now() - since)
  process.stdout.write(`revocation without a bus: the socket on the other node was closed after ${took} ms\n`)
  expect(took).toBeLessThan(10_000)
  expect(await everyWay(other, laptop)).toEqual(BAD)
  expect(await everyWay(other, phone)).toEqual(BAD)
  await expectAlive(bystander, 'bob')
}, 20_000)

test('a node that is told over Redis closes the sockets and refuses the tokens at once', async () => {
  const redis = await ownRedis()
  onTestFinished(redis.close)
  // Too rarely to be of any help.
  const sweeping = { REVOCATION_SWEEP_MS: '3600000', REVOCATION_TRUST_MS: '3600000' }
  const env = { DATABASE_URL: database.url, JWT_SECRET: SECRET, REDIS_URL: redis.url, ...sweeping }
  const nodes = [await startTestServer({ env }), await startTestServer({ env })] as const
  for (const node of nodes) onTestFinished(node.close)
  const [here, there] = nodes
  const line = await openLine(there, phone)
  expect(await everyWay(there, laptop)).toEqual(GOOD)
  const boss = await here.person('admin', { tenantId, roles: ['admin'] })
  // What is told before the nodes hear each other is lost: once Bob is out, they do.
  const probe = await openLine(there, bob)
  await vi.waitUntil(() => revoke(boss, { userId: 'bob' }).then(() => probe.socket.readyState > 1), { timeout: 10_000 })
  const since = performance.now()
  expect(await revoke(boss, { userId: 'alice' })).toEqual(revoked)
  expect(await line.closed).toBe(4403)
  const took = Math.round(performance.now() - since)
  process.stdout.write(`revocation over Redis: the socket on the other node was closed after ${took} ms\n`)
  expect(await everyWay(there, laptop)).toEqual(BAD)
}, 20_000)

test('a node that starts afterwards knows', async () => {
  await revoke(admin, { userId: 'alice' })
  const env = { DATABASE_URL: database.url, JWT_SECRET: SECRET }
  const late = await startTestServer({ env })
  expect(await everyWay(late, phone)).toEqual(BAD)
  expect(await everyWay(late, bob)).toEqual(GOOD)
  await late.close()
})
