import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts'
import { gather } from '../support/crowd.ts'
import { deliveryDelays } from '../support/delays.ts'
import { quantile } from '../support/gauges.ts'
import { expectTable } from '../support/log.ts'
import { readMetric } from '../support/metric.ts'
import { startPair } from '../support/pair.ts'
import { startLoad, triesOf } from '../support/senders.ts'
import { CLEAN, inWords, keepUp, settle } from '../support/settling.ts'
import { isFull, report, sized } from '../support/size.ts'

const SIZE = sized({
  usual: { rooms: 10, subscribers: 40, senders: 12, perSecond: 150, muteMs: 2_000 },
  full: { rooms: 50, subscribers: 500, senders: 16, perSecond: 200, muteMs: 30_000 },
})
const TIMEOUT = sized({ usual: 120_000, full: 600_000 })
/** Milliseconds within which the node is to have noticed. */
const NOTICE = 10_000

const connected = (url: URL) => readMetric(url, 'colloquy_bus_connected')

/** Resolves with the milliseconds until the node says so. */
async function until(url: URL, value: number): Promise<number> {
  const since = performance.now()
  await vi.waitFor(async () => expect(await connected(url)).toBe(value), { timeout: 60_000, interval: 50 })
  return performance.now() - since
}

test.each(['the other', 'the one cut off'])(
  'a connection to Redis is open and mute: the node notices, and what is sent to %s is heard',
  { timeout: TIMEOUT },
  async where => {
    let proxy: TcpProxy | undefined
    const { urls, databaseUrl, stop } = await startPair(async redis => {
      const made = await startTcpProxy(redis)
      onTestFinished(() => made.close())
      proxy = made
      return { REDIS_URL: `redis://127.0.0.1:${made.port}` }
    })
    const [other, cut] = urls
    // Whoever commits nothing itself, and is told nothing, finds out only by asking.
    const crowd = await gather(urls, SIZE, [where === 'the other' ? other : cut])
    for (const url of urls) await until(url, 1)
    const load = startLoad({ senders: crowd.senders, perSecond: SIZE.perSecond })
    await load.more(SIZE.perSecond)
    const from = performance.now()
    proxy?.stall()
    const noticed = await until(cut, 0)
    await setTimeout(SIZE.muteMs)
    await keepUp(crowd.subscribers, load.acknowledged)
    for (const [n, url] of urls.entries()) expect(await connected(url)).toBe(1 - n)
    const to = performance.now()
    proxy?.flow()
    const returned = await until(cut, 1)
    await load.more(SIZE.perSecond)
    await load.stop()

    const { log, verdict } = await settle(crowd, crowd.subscribers, load.acknowledged)
    const p99 = quantile(deliveryDelays(load, crowd.subscribers, { from, to }), 0.99)
    report(
      `F8 one node cut off from Redis, sends to ${where}`,
      `${SIZE.subscribers} subscribers over ${SIZE.rooms} rooms, ${SIZE.perSecond} sends/s: ${inWords(verdict)}, noticed after ${noticed.toFixed()} ms ` +
        `and back after ${returned.toFixed()} ms, p99 of delivery meanwhile ${p99.toFixed()} ms, ${triesOf(load)}`,
    )
    expect(verdict).toMatchObject(CLEAN)
    expect([...load.failures]).toEqual([])
    if (isFull) expect(noticed).toBeLessThan(NOTICE)
    await expectTable(databaseUrl, log)
    await stop()
  },
)
