import { expect, test, vi } from 'vitest'
import { gather } from '../support/crowd.ts'
import { expectTable } from '../support/log.ts'
import { startPair } from '../support/pair.ts'
import { startLoad, triesOf } from '../support/senders.ts'
import { CLEAN, inWords, settle } from '../support/settling.ts'
import { isFull, report, sized } from '../support/size.ts'
import type { Subscriber } from '../support/subscriber.ts'

const SIZE = sized({
  usual: { rooms: 10, subscribers: 50, senders: 16, perSecond: 200, kills: 2, between: 200 },
  full: { rooms: 50, subscribers: 500, senders: 16, perSecond: 200, kills: 10, between: 600 },
})
const TIMEOUT = sized({ usual: 120_000, full: 900_000 })
/** Milliseconds after a kill within which whoever was cut off is to be live at the other node. */
const LIVE = 5_000

/** Resolves with the milliseconds until each has caught up on a socket that is newer than those of now. */
function liveAgain(subscribers: readonly Subscriber[]): Promise<number> {
  const since = performance.now()
  const before = new Map(subscribers.map(each => [each, each.caughtUpAt.length]))
  return vi.waitFor(
    () => {
      const newest = subscribers.flatMap(each => each.caughtUpAt.slice(before.get(each)).slice(0, 1))
      expect(newest.length).toBe(subscribers.length)
      return Math.max(...newest) - since
    },
    { timeout: 30_000, interval: 20 },
  )
}

test('kill -9 of one of two nodes, of each in turn: its clients resume at the other to all of it', {
  timeout: TIMEOUT,
}, async () => {
  const { nodes, urls, databaseUrl, stop } = await startPair()
  const crowd = await gather(urls, SIZE)
  const load = startLoad({ senders: crowd.senders, perSecond: SIZE.perSecond })
  const lives: number[] = []
  let moved = 0
  for (let kill = 0; kill < SIZE.kills; kill++) {
    const node = nodes[kill % 2 === 0 ? 0 : 1]
    await load.more(SIZE.between)
    const there = crowd.subscribers.filter(({ at }) => at?.href === node.url.href)
    const [live] = await Promise.all([liveAgain(there), node.kill()])
    lives.push(live)
    moved += there.length
    await node.start()
  }
  await load.more(SIZE.between)
  await load.stop()

  const { log, verdict } = await settle(crowd, crowd.subscribers, load.acknowledged)
  const slowest = Math.max(...lives)
  report(
    'F1 one of two nodes killed',
    `${SIZE.subscribers} subscribers over ${SIZE.rooms} rooms, ${SIZE.perSecond} sends/s: ${SIZE.kills} kills, ${inWords(verdict)}, ` +
      `${moved} subscribers moved and were live after at most ${slowest.toFixed()} ms (${lives.map(live => live.toFixed()).join(', ')}), ${triesOf(load)}`,
  )
  expect(verdict).toMatchObject(CLEAN)
  // Those of the first node at least, and then those of both at the second.
  expect(moved).toBeGreaterThan(SIZE.subscribers)
  expect(load.failures.get('cut off')).toBeGreaterThan(0)
  if (isFull) expect(slowest).toBeLessThan(LIVE)
  await expectTable(databaseUrl, log)
  await stop()
})
