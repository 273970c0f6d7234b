import { expect, test } from 'vitest'
import { type Ask, askOverHttp, askOverSocket, Refused } from './support/asking.ts'
import { type FrontedPair, startFrontedPair } from './support/fronted-pair.ts'
import { createRooms } from './support/rooms.ts'
import { send } from './support/senders.ts'
import { report } from './support/size.ts'

const SENDS = 200
const BURST = 10
const REFILL_MS = 6_000
const LIMITS = JSON.stringify({ 'message:send': { tokens: 10, perSeconds: 60, burst: BURST } })

/** A user in a room of their own, with both ways to both nodes. */
async function enter({ url, nodes }: FrontedPair, userId: string) {
  const [room = ''] = (await createRooms(url, [[userId]])).ids
  const ways = await Promise.all(
    nodes.flatMap(node => [askOverHttp(node.url, userId), askOverSocket(node.url, userId)]),
  )
  // The sockets are open before the sends begin.
  for (const ask of ways) await ask('{ viewer { tenantId } }')
  return { userId, room, ways }
}

/** All at once, and how many passed by each way; `refills`: tokens that came back meanwhile. */
async function rush({ userId, room, ways }: Awaited<ReturnType<typeof enter>>, name: string) {
  const began = performance.now()
  const tries = Array.from({ length: SENDS }, (_, n) => n % ways.length)
  const outcomes = await Promise.all(tries.map((way, n) => attempt(ways[way], userId, room, `${name} ${n}`)))
  const passed = ways.map((_, way) => outcomes.filter((outcome, n) => outcome === 'passed' && tries[n] === way).length)
  const others = outcomes.filter(outcome => outcome !== 'passed' && outcome !== 'RATE_LIMITED')
  const refills = Math.floor((performance.now() - began) / REFILL_MS)
  return { passed, total: passed.reduce((sum, each) => sum + each, 0), others, refills }
}

async function attempt(ask: Ask | undefined, userId: string, conversationId: string, key: string): Promise<string> {
  if (ask === undefined) throw new Error('there is no such way')
  return send({ userId, ask }, conversationId, key).then(
    () => 'passed',
    (error: unknown) => {
      if (error instanceof Refused) return error.code
      throw error
    },
  )
}

test(`of ${SENDS} sends at once over two nodes and both ways exactly the burst passes`, async () => {
  const pair = await startFrontedPair({ RATE_LIMITS: LIMITS })
  const together = await rush(await enter(pair, 'ada'), 'together')
  // Redis has counted nothing of these, and is then away: each node has its share of the burst.
  const bob = await enter(pair, 'bob')
  const cleo = await enter(pair, 'cleo')
  pair.redis.pause()
  const mute = await rush(bob, 'mute')
  pair.redis.resume()
  await pair.redis.kill()
  const away = await rush(cleo, 'away')
  const inWords = ({ passed, total }: typeof away) => `${total} passed (${passed.join(' + ')})`
  report(
    'F23',
    `burst ${BURST}, ${SENDS} sends at once over HTTP and WebSocket of two nodes: ${inWords(together)}; ` +
      `Redis mute: ${inWords(mute)}; Redis away: ${inWords(away)}`,
  )
  for (const { others } of [together, mute, away]) expect(others).toEqual([])
  expect(together.total).toBeGreaterThanOrEqual(BURST)
  expect(together.total).toBeLessThanOrEqual(BURST + together.refills)
  for (const { total, refills } of [mute, away]) {
    expect(total).toBeGreaterThanOrEqual(BURST / 2)
    expect(total).toBeLessThanOrEqual(BURST + pair.nodes.length + refills)
  }
  for (const node of pair.nodes) await node.stop()
})
