import { expect, onTestFinished, test } from 'vitest'
import { type BadBuses, unreliable, untold } from '../../support/bus-faults.ts'
import { startTestServer } from '../../support/server.ts'
import { gather } from '../support/crowd.ts'
import { deliveryDelays } from '../support/delays.ts'
import { quantile } from '../support/gauges.ts'
import { expectTable } from '../support/log.ts'
import { sharedPlace } from '../support/pair.ts'
import { JWT_SECRET } from '../support/people.ts'
import { startLoad, triesOf } from '../support/senders.ts'
import { CLEAN, inWords, settle } from '../support/settling.ts'
import { report, sized } from '../support/size.ts'

const SIZE = sized({
  usual: { rooms: 10, subscribers: 40, senders: 12, perSecond: 150, sends: 1_000 },
  full: { rooms: 50, subscribers: 500, senders: 16, perSecond: 200, sends: 12_000 },
})
const TIMEOUT = sized({ usual: 120_000, full: 600_000 })

/** Two servers whose buses are bad; the figures of all that went on. */
async function under(buses: BadBuses) {
  const { databaseUrl, env } = await sharedPlace()
  const servers = [0, 1].map(() =>
    startTestServer({ env: { ...env, JWT_SECRET, NODE_ENV: 'production' }, bus: buses.before }),
  )
  const urls = (await Promise.all(servers)).map(({ url }) => url)
  onTestFinished(async () => {
    for (const server of servers) await (await server).close()
  })
  const crowd = await gather(urls, SIZE)
  const load = startLoad({ senders: crowd.senders, perSecond: SIZE.perSecond })
  await load.more(SIZE.sends)
  await load.stop()
  const { log, verdict } = await settle(crowd, crowd.subscribers, load.acknowledged)
  for (const { stop } of crowd.subscribers) stop()
  const delays = deliveryDelays(load, crowd.subscribers, { from: 0, to: Number.POSITIVE_INFINITY })
  const p99 = quantile(delays, 0.99).toFixed()
  const words = `${SIZE.subscribers} subscribers over ${SIZE.rooms} rooms, ${SIZE.perSecond} sends/s: ${inWords(verdict)}, p99 of delivery ${p99} ms`
  await expectTable(databaseUrl, log)
  return { verdict, words: `${words}, ${triesOf(load)}` }
}

test('one commit in ten is told to no other node: all is heard', { timeout: TIMEOUT }, async () => {
  const buses = untold()
  const { verdict, words } = await under(buses)
  const { told, dropped } = buses.counts
  report('F6 commits untold', `${words}, ${dropped} of ${told} commits untold`)
  expect(verdict).toMatchObject(CLEAN)
  expect(dropped).toBeGreaterThan(0)
})

test('of ten messages one is dropped, one doubled, one late: all is heard once and in order', {
  timeout: TIMEOUT,
}, async () => {
  const buses = unreliable()
  const { verdict, words } = await under(buses)
  const { arrived, dropped, doubled, late } = buses.counts
  report(
    'F7 an unreliable bus',
    `${words}, of ${arrived} messages ${dropped} dropped, ${doubled} doubled, ${late} late`,
  )
  expect(verdict).toMatchObject(CLEAN)
  for (const count of [dropped, doubled, late]) expect(count).toBeGreaterThan(0)
})
