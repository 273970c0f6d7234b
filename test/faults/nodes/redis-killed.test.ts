import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { gather } from '../support/crowd.ts'
import { deliveryDelays, type Span, sendDelays } from '../support/delays.ts'
import { quantile } from '../support/gauges.ts'
import { expectTable } from '../support/log.ts'
import { startPair } from '../support/pair.ts'
import { startLoad, triesOf } from '../support/senders.ts'
import { CLEAN, inWords, keepUp, settle } from '../support/settling.ts'
import { isFull, report, sized } from '../support/size.ts'

const SIZE = sized({
  usual: { rooms: 10, subscribers: 50, senders: 16, perSecond: 200, usualMs: 3_000, awayMs: 4_000 },
  full: { rooms: 50, subscribers: 500, senders: 16, perSecond: 200, usualMs: 30_000, awayMs: 30_000 },
})
const TIMEOUT = sized({ usual: 120_000, full: 600_000 })
/** Milliseconds: the 99th percentile of delivery without a Redis. */
const DELIVERY = 1_500

async function lasting(ms: number): Promise<Span> {
  const from = performance.now()
  await setTimeout(ms)
  return { from, to: performance.now() }
}

test('Redis is killed under load and comes back: every send succeeds meanwhile, and all is heard on both nodes', {
  timeout: TIMEOUT,
}, async () => {
  const { urls, redis, databaseUrl, stop } = await startPair()
  // The other node commits nothing itself, and is told nothing: only by asking does it find out.
  const crowd = await gather(urls, SIZE, [urls[0]])
  const load = startLoad({ senders: crowd.senders, perSecond: SIZE.perSecond })
  // What a process does for the first time takes longer.
  await load.more(SIZE.perSecond)
  const usual = await lasting(SIZE.usualMs)
  await redis.kill()
  const away = await lasting(SIZE.awayMs)
  await keepUp(crowd.subscribers, load.acknowledged)
  await redis.start()
  await load.more(SIZE.perSecond)
  await load.stop()

  const { log, verdict } = await settle(crowd, crowd.subscribers, load.acknowledged)
  const sends = [usual, away].map(span => quantile(sendDelays(load, span), 0.99))
  const deliveries = [usual, away].map(span => quantile(deliveryDelays(load, crowd.subscribers, span), 0.99))
  const ms = (pair: readonly number[]) => pair.map(each => `${each.toFixed()} ms`).join(', then ')
  report(
    'F4 Redis killed',
    `${SIZE.subscribers} subscribers over ${SIZE.rooms} rooms, ${SIZE.perSecond} sends/s: away for ${SIZE.awayMs / 1_000} s, ${inWords(verdict)}, ` +
      `p99 of sends ${ms(sends)}, of delivery ${ms(deliveries)}, ${triesOf(load)}`,
  )
  expect(verdict).toMatchObject(CLEAN)
  // No send failed, and no subscription was lost.
  expect([...load.failures]).toEqual([])
  for (const { sockets, refusals } of crowd.subscribers)
    expect({ sockets, refusals }).toEqual({ sockets: 1, refusals: 0 })
  if (isFull) expect(sends[1]).toBeLessThanOrEqual(2 * (sends[0] ?? 0))
  if (isFull) expect(deliveries[1]).toBeLessThanOrEqual(DELIVERY)
  await expectTable(databaseUrl, log)
  await stop()
})
