import { createClient } from 'graphql-ws'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { startFrontedPair } from './support/fronted-pair.ts'
import { quantile } from './support/gauges.ts'
import { authorizationOf } from './support/people.ts'
import { createRooms } from './support/rooms.ts'
import { isFull, report, sized } from './support/size.ts'

const SIZE = sized({ usual: { sockets: 300, users: 50 }, full: { sockets: 5_000, users: 500 } })
const BACK_WITHIN = 30_000
const INBOX = 'subscription { inbox { __typename position } }'

/** A stock graphql-ws client that tries again with the pauses it comes with, and its own jitter. */
interface Follower {
  /** Each time at which it was told that all was told, by `performance.now`. */
  readonly caughtUp: number[]
  readonly closes: number[]
  readonly errors: unknown[]
  /** Its socket ends without a goodbye. */
  cut(): void
}

async function follow(url: URL, userId: string): Promise<Follower> {
  const follower = { caughtUp: [] as number[], closes: [] as number[], errors: [] as unknown[] }
  let socket: WebSocket | undefined
  let position: string | undefined
  const client = createClient({
    url: url.href.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: await authorizationOf(userId) },
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    on: {
      connected(opened) {
        if (opened instanceof WebSocket) socket = opened
      },
      closed(event) {
        if (event instanceof Object && 'code' in event) follower.closes.push(Number(event.code))
      },
    },
  })
  const payload = {
    query: INBOX,
    extensions: {
      get resumeAfter() {
        return position
      },
    },
  }
  client.subscribe(payload, {
    next({ data, errors }) {
      const inbox = data?.['inbox'] as { readonly __typename: string; readonly position: string } | undefined
      if (inbox === undefined) follower.errors.push(errors)
      else position = inbox.position
      if (inbox?.__typename === 'CaughtUp') follower.caughtUp.push(performance.now())
    },
    error: why => follower.errors.push(why),
    complete: () => undefined,
  })
  onTestFinished(() => void Promise.resolve(client.dispose()).catch(() => undefined))
  return { ...follower, cut: () => socket?.terminate() }
}

test('all sockets dropped at once are subscribed again soon, and nothing but the close is told', {
  timeout: 300_000,
}, async () => {
  const { url, nodes } = await startFrontedPair()
  const users = Array.from({ length: SIZE.users }, (_, n) => `user-${n}`)
  await createRooms(url, [users.slice(0, 100)])
  const followers: Follower[] = []
  for (let from = 0; from < SIZE.sockets; from += 100) {
    const some = Array.from(
      { length: Math.min(100, SIZE.sockets - from) },
      (_, n) => users[(from + n) % SIZE.users] ?? '',
    )
    followers.push(...(await Promise.all(some.map(userId => follow(url, userId)))))
    await expect
      .poll(() => followers.filter(({ caughtUp }) => caughtUp.length === 0).length, { timeout: 30_000 })
      .toBe(0)
  }
  const began = performance.now()
  for (const { cut } of followers) cut()
  const back = () => followers.flatMap(({ caughtUp }) => caughtUp.find(at => at > began) ?? [])
  await expect.poll(() => back().length, { timeout: 60_000, interval: 50 }).toBe(SIZE.sockets)
  const times = back().map(at => at - began)
  const closes = followers.flatMap(each => each.closes)
  const errors = followers.flatMap(each => each.errors)
  report(
    'F17',
    `${SIZE.sockets} sockets of ${SIZE.users} users dropped at once: subscribed again p50 ${Math.round(quantile(times, 0.5))} ms, ` +
      `last ${Math.round(Math.max(...times))} ms, closes ${[...new Set(closes)].join()}, errors ${errors.length}`,
  )
  if (isFull) expect(Math.max(...times)).toBeLessThanOrEqual(BACK_WITHIN)
  expect(errors).toEqual([])
  expect([...new Set(closes)]).toEqual([1006])
  for (const node of nodes) await node.stop()
})
