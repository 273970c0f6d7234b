import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { mintToken } from '../../../src/auth/mint-token.ts'
import { type Listening, listenToEvents } from '../../support/listening.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import * as say from '../../support/sayings.ts'
import { type Person, startTestServer, type TestServer } from '../../support/server.ts'
import { openSocket } from '../../transport/socket-fixture.ts'
import { codesOf, get, type Line, openLine, post, read } from './ways.ts'

const clock = createManualClock(Date.now())
let server: TestServer
beforeAll(async () => {
  // A clock that jumps leaves clients no time to answer a ping.
  server = await startTestServer({ clock, env: { PING_INTERVAL_MS: '36000000', HEARTBEAT_MS: '36000000' } })
})
afterAll(() => server.close())

let tenants = 0
let tenantId: string
/** Has a token that outlives every test. */
let bob: Person
let group: string
beforeEach(async () => {
  tenantId = `tenant-${++tenants}`
  const alice = await server.person('alice', { tenantId })
  bob = await server.person('bob', { tenantId })
  await Promise.all([alice.ask('{ viewer { tenantId } }'), bob.ask('{ viewer { tenantId } }')])
  group = await say.createGroup(bob, ['alice'])
})

function tokenFor(ttlSeconds: number, userId = 'alice', tenant = tenantId): Promise<string> {
  const { keys, tenantClaim } = server.config.tokens
  const secret = keys?.kind === 'secret' ? keys.secret : ''
  return mintToken({ secret, tenantId: tenant, userId, ttlSeconds, now: clock.now(), tenantClaim })
}

/** Alice, with a token that is good for so long. */
async function alice(ttlSeconds: number): Promise<Person> {
  return { ...(await server.person('alice', { tenantId })), token: await tokenFor(ttlSeconds) }
}

const REFRESH = /* GraphQL */ `
  mutation Refresh($token: String!) {
    refreshSession(input: { token: $token }) { expiresAt userErrors { code field } }
  }
`
const refresh = (line: Line, token: string) => line.ask({ query: REFRESH, variables: { token } })

const refused = (code: string) => ({
  data: { refreshSession: { expiresAt: null, userErrors: [{ code, field: ['input', 'token'] }] } },
})

async function expectAlive(line: Line, text: string): Promise<void> {
  await say.send(bob, group, text)
  await line.hears(text)
  expect(await line.ask({ query: '{ viewer { user { id } } }' })).toMatchObject({
    data: { viewer: { user: { id: 'alice' } } },
  })
}

describe('a token that expires', () => {
  test('ends its open socket with 4403 within a second', async () => {
    const line = await openLine(server, await alice(60))
    clock.advance(58_999)
    await expectAlive(line, 'a second before')
    clock.advance(2_000)
    expect(await line.closed).toBe(4403)
  })

  interface Inbox {
    readonly inbox: { readonly __typename: string; readonly message?: { readonly content: string } }
  }
  const INBOX = 'subscription { inbox { __typename ... on MessageSent { message { content } } } }'
  const caughtUp = (stream: Listening<Inbox>) => stream.first(({ inbox }) => inbox.__typename === 'CaughtUp')

  test('ends its event stream without "complete", and the stream resumes under the next token', async () => {
    const first = listenToEvents<Inbox>(server, await alice(60), INBOX)
    await caughtUp(first)
    clock.advance(59_000)
    await say.send(bob, group, 'before')
    await first.first(({ inbox }) => inbox.message?.content === 'before')
    const lastEventId = String(first.results.at(-1)?.extensions?.['position'])
    clock.advance(1_001)
    expect(await first.ended).toEqual(new Error('the stream was cut'))
    await say.send(bob, group, 'in between')
    const second = listenToEvents<Inbox>(server, await alice(60), INBOX, { lastEventId })
    await caughtUp(second)
    expect(second.results.map(({ data }) => data.inbox.message?.content)).toEqual(['in between', undefined])
    second.stop()
  })

  test('opens nothing any more, over whichever transport', async () => {
    const late = await alice(60)
    clock.advance(120_000)
    const query = '{ viewer { tenantId } }'
    const body = JSON.stringify({ query })
    for (const response of [
      await post(server, late, body),
      await post(server, late, body, { accept: 'text/event-stream' }),
      await get(server, late, { query }),
    ]) {
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect(codesOf(await read(response))).toEqual(['UNAUTHENTICATED'])
    }
    const { say: speak, closed } = await openSocket(server.url.href.replace('http', 'ws'))
    speak({ type: 'connection_init', payload: { authorization: `Bearer ${late.token}` } })
    expect(await closed).toBe(4403)
  })
})

describe('refreshSession', () => {
  test('in time keeps the socket and all that it carries until the new token expires', async () => {
    const line = await openLine(server, await alice(60))
    clock.advance(50_000)
    await say.send(bob, group, 'first')
    const expiresAt = new Date(Math.floor(clock.now() / 1000) * 1000 + 120_000).toISOString()
    const refreshing = refresh(line, await tokenFor(120))
    await say.send(bob, group, 'second')
    expect(await refreshing).toEqual({ data: { refreshSession: { expiresAt, userErrors: [] } } })
    clock.advance(60_000)
    await say.send(bob, group, 'third')
    await line.hears('third')
    const contents = line.frames.map(({ payload }) => /"content":"(\w+)"/.exec(JSON.stringify(payload ?? ''))?.[1])
    expect(contents.filter(content => content !== undefined)).toEqual(['first', 'second', 'third'])
    await expectAlive(line, 'past the first expiry')
    clock.advance(60_001)
    expect(await line.closed).toBe(4403)
  })

  test('to a token that ends sooner ends the socket sooner', async () => {
    const line = await openLine(server, await alice(3_600))
    await refresh(line, await tokenFor(10))
    await expectAlive(line, 'still there')
    clock.advance(10_001)
    expect(await line.closed).toBe(4403)
  })

  const FOREIGN: readonly (readonly [string, () => Promise<string>])[] = [
    ['another user', () => tokenFor(3_600, 'bob')],
    ["another tenant's user of the same id", () => tokenFor(3_600, 'alice', 'elsewhere')],
    ['another user and tenant', () => tokenFor(3_600, 'mallory', 'elsewhere')],
  ]
  test.each(FOREIGN)('with a token of %s is refused, and the socket goes on as whom it was', async (_, tokenOf) => {
    const line = await openLine(server, await alice(60))
    expect(await refresh(line, await tokenOf())).toEqual(refused('FORBIDDEN'))
    await expectAlive(line, 'after the refusal')
    clock.advance(60_001)
    expect(await line.closed).toBe(4403)
  })

  const BAD: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['forged', async () => `${(await tokenFor(3_600)).slice(0, -4)}AAAA`],
    ['expired', () => tokenFor(-60)],
    ['empty', () => ''],
    ['no token at all', () => 'rubbish'],
    ['200 KB long', () => 'x'.repeat(200_000)],
    ['with its scheme', async () => `Bearer ${await tokenFor(3_600)}`],
    [
      'without a signature',
      () => `${btoa('{"alg":"none"}')}.${btoa('{"sub":"alice","org_id":"acme","exp":9999999999}')}.`,
    ],
  ]
  test.each(BAD)('with a token that is %s is refused, and the socket goes on', async (_, tokenOf) => {
    const line = await openLine(server, await alice(60))
    const token = await tokenOf()
    const answer = await refresh(line, token)
    expect(answer).toEqual(refused('INVALID'))
    await expectAlive(line, 'after the refusal')
    clock.advance(60_001)
    expect(await line.closed).toBe(4403)
  })

  test.each(['application/json', 'text/event-stream'])('over HTTP there is no session (%s)', async accept => {
    const person = await alice(60)
    const asked = { query: REFRESH, variables: { token: await tokenFor(3_600) } }
    const response = await post(server, person, JSON.stringify(asked), { accept })
    expect(response.status).toBe(200)
    expect(await read(response)).toEqual({
      data: { refreshSession: { expiresAt: null, userErrors: [{ code: 'NO_SESSION', field: null }] } },
    })
  })
})
