import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ColloquyClientOptions, GetToken, TokenReason } from '../../client/src/index.ts'
import { expiryOf } from '../../client/src/token.ts'
import { mintToken } from '../../src/auth/mint-token.ts'
import { listen } from '../support/listening.ts'
import { createManualClock } from '../support/manual-clock.ts'
import * as say from '../support/sayings.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { createScene, type Scene } from './scene.ts'

const INBOX = 'subscription { inbox { __typename ... on MessageSent { message { content } } } }'
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

interface Inbox {
  readonly inbox: { readonly __typename: string; readonly message?: { readonly content: string } }
}

const clock = createManualClock(Date.now())
let server: TestServer
beforeAll(async () => {
  // A clock that jumps leaves clients no time to answer a ping.
  const never = String(2 ** 31 - 1)
  server = await startTestServer({ clock, env: { PING_INTERVAL_MS: never, HEARTBEAT_MS: never } })
})
afterAll(() => server.close())

let scene: Scene
beforeEach(async () => {
  scene = await createScene(server)
})

/** Each token is another one. */
let serial = 0
function tokenFor(lifetimeMs: number, userId = 'bob'): Promise<string> {
  const { keys, tenantClaim } = server.config.tokens
  const secret = keys?.kind === 'secret' ? keys.secret : ''
  const { tenantId } = scene
  const ttlSeconds = lifetimeMs / 1000
  return mintToken({ secret, tenantId, userId, name: `Bob ${++serial}`, ttlSeconds, now: clock.now(), tenantClaim })
}

/** Bob listens with what `token` gives. */
async function listening(token: GetToken, options: Partial<ColloquyClientOptions> = {}) {
  const reasons: TokenReason[] = []
  const closes: unknown[] = []
  let refreshed = 0
  const client = scene.client({
    clock,
    keepAlive: 0,
    token(reason) {
      reasons.push(reason)
      return token(reason)
    },
    ...options,
  })
  client.on('closed', event => closes.push(event instanceof Object && 'code' in event ? event.code : event))
  client.on('message', message => {
    if (message.type === 'next' && message.payload.data?.['refreshSession']) refreshed += 1
  })
  const inbox = listen<Inbox>(client, INBOX)
  const comes = (what: () => unknown) =>
    expect.poll(() => {
      // Pauses take no time but the clock's.
      clock.advance(10)
      return what()
    })
  const contents = () => inbox.results.flatMap(({ data }) => data.inbox.message?.content ?? [])
  await comes(() => inbox.results.length).toBe(1)
  return { reasons, closes, contents, comes, refreshed: () => refreshed }
}

async function aliceSays(content: string): Promise<void> {
  await say.send(await server.person('alice', { tenantId: scene.tenantId }), scene.group, content)
}

test('the session is refreshed a minute before its token expires, and again', async () => {
  // Reckoned from what each token says, which is in whole seconds: waiting moves the clock too.
  let refreshAt = 0
  const advanceTo = (time: number) => clock.advance(time - clock.now())
  const { reasons, closes, contents, comes, refreshed } = await listening(async () => {
    const token = await tokenFor(10 * MINUTE)
    refreshAt = (expiryOf(token) ?? 0) - MINUTE
    return token
  })
  for (const round of [1, 2, 3]) {
    advanceTo(refreshAt - 1)
    expect(reasons.length).toBe(round)
    advanceTo(refreshAt)
    await expect.poll(() => reasons.length).toBe(round + 1)
    await comes(refreshed).toBe(round)
    await aliceSays(`round ${round}`)
    await comes(() => contents().at(-1)).toBe(`round ${round}`)
  }
  advanceTo(refreshAt - 1)
  expect(reasons).toEqual(['connect', 'expiring', 'expiring', 'expiring'])
  expect(closes).toEqual([])
})

test('an expired socket goes on under another token, and nothing is lost', async () => {
  let kept = await tokenFor(10 * MINUTE)
  const { reasons, closes, contents, comes } = await listening(async reason => {
    if (reason === 'refused') kept = await tokenFor(10 * MINUTE)
    return kept
  })
  clock.advance(10 * MINUTE + 1_000)
  await expect.poll(() => closes).toEqual([4403])
  await aliceSays('while nobody listened')
  await comes(contents).toEqual(['while nobody listened'])
  expect(reasons.filter(reason => reason !== 'expiring')).toEqual(['connect', 'refused'])
})

test('a kept token that has expired is asked for again before anything is said', async () => {
  const old = await tokenFor(MINUTE)
  clock.advance(2 * MINUTE)
  const { reasons, closes } = await listening(reason => (reason === 'refused' ? tokenFor(MINUTE) : old))
  expect(closes).toEqual([4403])
  expect(reasons).toEqual(['connect', 'refused'])
})

test('a refresh that is refused ends in a socket under another token', async () => {
  const { reasons, contents, comes } = await listening(reason =>
    tokenFor(10 * MINUTE, reason === 'expiring' ? 'alice' : 'bob'),
  )
  clock.advance(9 * MINUTE)
  await comes(() => reasons).toEqual(['connect', 'expiring', 'refused'])
  await aliceSays('to Bob')
  await comes(contents).toEqual(['to Bob'])
})

test('a token that cannot be had is asked for again, each time after a pause', async () => {
  let failures = 0
  const { reasons } = await listening(() => {
    if (++failures < 4) throw new Error('The application is offline.')
    return scene.bob.token
  })
  expect(reasons).toEqual(['connect', 'connect', 'connect', 'connect'])
})

test('a token for months is refreshed at its end, with no timer longer than a browser takes', async () => {
  // The client's alone: a server that has so many days to make up for says CaughtUp a thousand times at once.
  const days = createManualClock(clock.now())
  const delays: number[] = []
  const watched: typeof clock = {
    ...days,
    after(delayMs, task) {
      delays.push(delayMs)
      return days.after(delayMs, task)
    },
  }
  const { reasons, comes, refreshed } = await listening(() => tokenFor(29 * DAY), { clock: watched })
  days.advance(29 * DAY - 2 * MINUTE)
  expect(reasons).toEqual(['connect'])
  days.advance(MINUTE)
  await comes(refreshed).toBe(1)
  expect(Math.max(...delays)).toBeLessThan(2 ** 31)
})
