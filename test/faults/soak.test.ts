import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { askOverHttp } from './support/asking.ts'
import { type Calamity, createCalamities } from './support/calamities.ts'
import { gather } from './support/crowd.ts'
import { startFrontedPair } from './support/fronted-pair.ts'
import { readGauges } from './support/gauges.ts'
import { ownPostgres } from './support/places.ts'
import { subscriptionsIn } from './support/redis-view.ts'
import { startLoad, triesOf } from './support/senders.ts'
import { CLEAN, inWords, settle } from './support/settling.ts'
import { report, sized } from './support/size.ts'
import { createScales, WEIGHABLE } from './support/weighing.ts'

const SIZE = sized({
  usual: { rooms: 10, subscribers: 40, senders: 8, perSecond: 100, calamities: 7, everyMs: 1_500, awayMs: 1_000 },
  full: { rooms: 50, subscribers: 500, senders: 16, perSecond: 200, calamities: 20, everyMs: 55_000, awayMs: 5_000 },
})
/**
 * What may be open beside: the two pools of eight that stay connected to Postgres once they were needed; and, unless it is waited for, connections of
 * `fetch` that are kept alive for some time.
 */
const SPARE_FDS = sized({ usual: 48, full: 16 })
const GROWTH_MB = 40

/** Each once, in a random order, and over again. */
function drawn(all: readonly Calamity[], count: number): readonly Calamity[] {
  const order: Calamity[] = []
  while (order.length < count) {
    const rest = [...all]
    while (rest.length > 0) order.push(...rest.splice(Math.floor(Math.random() * rest.length), 1))
  }
  return order.slice(0, count)
}

test('one calamity after the other: nothing is lost, and nothing is left behind', { timeout: 1_800_000 }, async () => {
  const postgres = await ownPostgres()
  const pair = await startFrontedPair({ ...WEIGHABLE, DRAIN_MS: '1000' }, postgres.url)
  const [survivor, mortal] = pair.nodes
  const weigh = createScales(survivor.command)
  // A node listens for revocations of whoever asked something lately: both have been asked now, and are again at the end.
  const askBoth = async () => {
    for (const { url } of pair.nodes) await (await askOverHttp(url, 'visitor'))('{ viewer { tenantId } }')
  }
  await askBoth()
  const before = { fds: (await readGauges(survivor.url)).fds, subscriptions: await subscriptionsIn(pair.redis.url) }
  const crowd = await gather(pair.url, SIZE)
  // By POST alone: these leave no socket open behind them.
  const senders = await Promise.all(
    crowd.senders.map(async sender => ({ ...sender, ask: await askOverHttp(pair.url, sender.userId) })),
  )
  const load = startLoad({ senders, perSecond: SIZE.perSecond })
  const calamities = createCalamities(pair, postgres, SIZE.awayMs)
  const order = drawn(Object.keys(calamities) as Calamity[], SIZE.calamities)
  const memory: { readonly residentMb: number; readonly aliveMb: number }[] = []
  const weighed = async () => {
    const { residentMb } = await readGauges(survivor.url)
    memory.push({ residentMb, aliveMb: await weigh() })
  }
  await load.more(SIZE.perSecond)
  await weighed()
  for (const calamity of order) {
    await calamities[calamity]()
    await setTimeout(SIZE.everyMs)
    await load.next()
    await weighed()
  }
  await load.stop()

  const { verdict } = await settle(crowd, crowd.subscribers, load.acknowledged)
  for (const each of crowd.subscribers) each.stop()
  await askBoth()
  const left = async () => (await subscriptionsIn(pair.redis.url)).filter(each => !before.subscriptions.includes(each))
  await expect.poll(left, { timeout: 40_000, interval: 200 }).toEqual([])
  const fds = async () => (await readGauges(survivor.url)).fds
  await expect.poll(fds, { timeout: 60_000, interval: 200 }).toBeLessThanOrEqual(before.fds + SPARE_FDS)
  const sockets = crowd.subscribers.reduce((sum, each) => sum + each.sockets, 0)
  const inMb = (of: 'residentMb' | 'aliveMb') => memory.map(each => Math.round(each[of])).join(' ')
  report(
    'F24',
    `${order.join(', ')}: ${inWords(verdict)}, ${triesOf(load)}, ${sockets} sockets for ${crowd.subscribers.length} subscribers; ` +
      `of the node that lived: resident MB ${inMb('residentMb')}, heap alive MB ${inMb('aliveMb')}, ` +
      `file descriptors ${before.fds} before and ${await fds()} after, Redis subscriptions ${before.subscriptions.length} and as many after`,
  )
  expect(verdict).toMatchObject(CLEAN)
  const [, warm] = memory
  expect((memory.at(-1)?.aliveMb ?? Number.NaN) - (warm?.aliveMb ?? Number.NaN)).toBeLessThanOrEqual(GROWTH_MB)
  // Neither has said anything of a crash: an unhandled rejection is one.
  for (const node of [survivor, mortal]) await node.stop()
})
