import { expect, test, vi } from 'vitest'
import { proxyBefore } from '../support/tcp-proxy.ts'
import { type Ask, askOverHttp, askOverSocket, Refused } from './support/asking.ts'
import { gather } from './support/crowd.ts'
import { expectTable } from './support/log.ts'
import { type Node, startNode } from './support/node.ts'
import { ownPostgres, placeFor } from './support/places.ts'
import { send, startLoad, triesOf } from './support/senders.ts'
import { CLEAN, inWords, settle } from './support/settling.ts'
import { isFull, report, sized } from './support/size.ts'
import { subscribe } from './support/subscriber.ts'

const SIZE = sized({
  usual: { rooms: 10, subscribers: 50, senders: 16, perSecond: 200, restarts: 2, between: 200 },
  full: { rooms: 50, subscribers: 500, senders: 16, perSecond: 200, restarts: 10, between: 600 },
})
const TIMEOUT = sized({ usual: 120_000, full: 600_000 })
const SIZE_IN_WORDS = `${SIZE.subscribers} subscribers over ${SIZE.rooms} rooms, ${SIZE.perSecond} sends/s`

/** Milliseconds within which sends are to go on once the database is back. */
const RETURN = 5_000
/** Milliseconds within which a question is answered whatever the database does: the batch before it is given up after 8 s, then its own after 8 s. */
const ANSWER = 20_000

/** Whatever is asked, in whatever way, is answered with UNAVAILABLE. Resolves with the milliseconds that the slowest answer took. */
async function expectUnavailable(asks: readonly Ask[], room: string, name: string): Promise<number> {
  const begun = performance.now()
  const outcomes = asks.flatMap((ask, n) => [
    send({ userId: 'sender-0', ask }, room, `${name}-${n}`),
    ask('query($id: ID!) { conversation(id: $id) { title } }', { id: room }),
  ])
  for (const outcome of await Promise.allSettled(outcomes)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(Refused) })
    expect(outcome).toMatchObject({ reason: { code: 'UNAVAILABLE' } })
  }
  return performance.now() - begun
}

async function expectAway(node: Node): Promise<void> {
  await vi.waitFor(async () => expect(await node.status('/readyz')).toBe(503), { timeout: 30_000 })
  expect(await node.status('/livez')).toBe(200)
}

async function expectBack(node: Node): Promise<void> {
  await vi.waitFor(async () => expect(await node.status('/readyz')).toBe(200), { timeout: 30_000 })
}

test('Postgres crashes under load and comes back: UNAVAILABLE meanwhile, and nothing is lost', {
  timeout: TIMEOUT,
}, async () => {
  const postgres = await ownPostgres()
  const node = await startNode({ DATABASE_URL: postgres.url })
  const crowd = await gather(node.url, SIZE)
  const [room = ''] = crowd.ids
  const asks = [await askOverHttp(node.url, 'sender-0'), await askOverSocket(node.url, 'sender-0')]
  for (const ask of asks) await ask('{ viewer { tenantId } }')
  const load = startLoad({ senders: crowd.senders, perSecond: SIZE.perSecond })

  await load.more(SIZE.between)
  await postgres.crash()
  await expectAway(node)
  await expectUnavailable(asks, room, 'away')
  const newcomer = await subscribe({
    url: node.url,
    userId: 'subscriber-0',
    conversations: crowd.ids.slice(0, 2),
    after: crowd.start,
  })
  await postgres.start()
  const returns = [await load.next()]
  await newcomer.first(({ type }) => type === 'CaughtUp')
  await expectBack(node)

  for (let restart = 1; restart < SIZE.restarts; restart++) {
    await load.more(SIZE.between)
    await postgres.crash()
    await postgres.start()
    returns.push(await load.next())
  }
  await load.more(SIZE.between)
  await load.stop()

  const { log, verdict } = await settle(crowd, [...crowd.subscribers, newcomer], load.acknowledged)
  const slowest = Math.max(...returns)
  report(
    'F9 Postgres restarted with -m immediate',
    `${SIZE_IN_WORDS}: ${SIZE.restarts} restarts, ${inWords(verdict)}, sends went on ${slowest.toFixed()} ms after its return, ${triesOf(load)}`,
  )
  expect(verdict).toMatchObject(CLEAN)
  await expectTable(postgres.url, log)
  // Every subscription stayed open, and none was refused.
  for (const { sockets, refusals } of crowd.subscribers)
    expect({ sockets, refusals }).toEqual({ sockets: 1, refusals: 0 })
  expect(load.failures.get('UNAVAILABLE')).toBeGreaterThan(0)
  if (isFull) expect(slowest).toBeLessThan(RETURN)
  await node.stop()
})

test('Postgres hangs under load: UNAVAILABLE in time, and nothing is lost', { timeout: TIMEOUT }, async () => {
  const { databaseUrl = '' } = await placeFor('Postgres')
  const { proxy, url } = await proxyBefore(databaseUrl)
  const node = await startNode({ DATABASE_URL: url })
  const crowd = await gather(node.url, SIZE)
  const [room = ''] = crowd.ids
  const asks = [await askOverHttp(node.url, 'sender-0'), await askOverSocket(node.url, 'sender-0')]
  for (const ask of asks) await ask('{ viewer { tenantId } }')
  const load = startLoad({ senders: crowd.senders, perSecond: SIZE.perSecond })

  await load.more(SIZE.between)
  proxy.stall()
  const [answered] = await Promise.all([expectUnavailable(asks, room, 'hung'), expectAway(node)])
  proxy.flow()
  const returned = await load.next()
  await load.more(SIZE.between)
  await load.stop()
  await expectBack(node)

  const { log, verdict } = await settle(crowd, crowd.subscribers, load.acknowledged)
  report(
    'F9 Postgres hung',
    `${SIZE_IN_WORDS}: ${inWords(verdict)}, UNAVAILABLE after at most ${answered.toFixed()} ms, sends went on ${returned.toFixed()} ms after its return, ${triesOf(load)}`,
  )
  expect(verdict).toMatchObject(CLEAN)
  await expectTable(databaseUrl, log)
  for (const { sockets, refusals } of crowd.subscribers)
    expect({ sockets, refusals }).toEqual({ sockets: 1, refusals: 0 })
  if (isFull) expect(answered).toBeLessThan(ANSWER)
  if (isFull) expect(returned).toBeLessThan(RETURN)
  await node.stop()
  await proxy.close()
})
