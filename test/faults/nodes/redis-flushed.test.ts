import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test, vi } from 'vitest'
import { gather } from '../support/crowd.ts'
import { expectTable } from '../support/log.ts'
import { startPair } from '../support/pair.ts'
import { askPresence, type Status, watchPresence } from '../support/presences.ts'
import { AUDITOR } from '../support/rooms.ts'
import { startLoad, triesOf } from '../support/senders.ts'
import { CLEAN, inWords, settle } from '../support/settling.ts'
import { isFull, report, sized } from '../support/size.ts'
import { type Subscriber, subscribe } from '../support/subscriber.ts'

const SIZE = sized({
  usual: { rooms: 10, subscribers: 40, senders: 12, perSecond: 150, guests: 20, strikes: 4, everyMs: 1_000 },
  full: { rooms: 50, subscribers: 500, senders: 16, perSecond: 200, guests: 100, strikes: 12, everyMs: 5_000 },
})
const TIMEOUT = sized({ usual: 120_000, full: 600_000 })
/** Milliseconds after the last strike within which each node is to know who is there. */
const RIGHT = 30_000

/** People who are there, of whom every second is to go; at both nodes alike. */
async function invite(urls: readonly [URL, URL]): Promise<ReadonlyMap<Subscriber, Status>> {
  const guests = await Promise.all(
    Array.from({ length: SIZE.guests }, (_, n) => {
      const url = n % 4 < 2 ? urls[0] : urls[1]
      return subscribe({ url, userId: `guest-${n}`, conversations: [] })
    }),
  )
  await Promise.all(guests.map(guest => guest.first(({ type }) => type === 'CaughtUp')))
  return new Map(guests.map((guest, n) => [guest, n % 2 === 0 ? 'OFFLINE' : 'ONLINE']))
}

test('Redis forgets all and cuts off who listens, again and again: nothing is lost, and presence is right again', {
  timeout: TIMEOUT,
}, async () => {
  const { urls, redis, databaseUrl, stop } = await startPair()
  const admin = new Redis(redis.url)
  onTestFinished(() => admin.disconnect())
  const crowd = await gather(urls, SIZE)
  const guests = await invite(urls)
  const going = [...guests].flatMap(([guest, status]) => (status === 'OFFLINE' ? [guest] : []))
  const watches = await Promise.all(urls.map(url => watchPresence(url, AUDITOR)))
  const load = startLoad({ senders: crowd.senders, perSecond: SIZE.perSecond })
  let cut = 0
  for (let strike = 0; strike < SIZE.strikes; strike++) {
    await setTimeout(SIZE.everyMs)
    await admin.flushall()
    cut += Number(await admin.client('KILL', 'TYPE', 'pubsub'))
    // Some go just when nobody can be told.
    for (const guest of going.splice(0, Math.ceil(going.length / (SIZE.strikes - strike)))) guest.stop()
  }
  const struck = performance.now()
  const expected = new Map([...guests].map(([{ name }, status]) => [name, status]))
  const asks = await Promise.all(urls.map(url => askPresence(url, AUDITOR)))
  const names = [...expected.keys()]
  for (const ask of asks) {
    await vi.waitFor(async () => expect(await ask(names)).toEqual(expected), {
      timeout: 2 * RIGHT,
      interval: 100,
    })
  }
  const right = performance.now() - struck
  // Who watches is told too, of what could not be said when it happened.
  for (const watch of watches) {
    const shown = () => new Map(names.map(name => [name, watch().get(name)?.at(-1)]))
    await vi.waitFor(() => expect(shown()).toEqual(expected), { timeout: 2 * RIGHT, interval: 100 })
  }
  const shownRight = performance.now() - struck
  await load.more(SIZE.perSecond)
  await load.stop()

  const { log, verdict } = await settle(crowd, crowd.subscribers, load.acknowledged)
  report(
    'F5 Redis flushed, its listeners cut off',
    `${SIZE.subscribers} subscribers over ${SIZE.rooms} rooms, ${SIZE.perSecond} sends/s: ${SIZE.strikes} times, ${cut} listeners cut off, ` +
      `${inWords(verdict)}, presence of ${guests.size} right on both nodes after ${right.toFixed()} ms and at who watches after ${shownRight.toFixed()} ms, ${triesOf(load)}`,
  )
  expect(verdict).toMatchObject(CLEAN)
  expect(cut).toBeGreaterThanOrEqual(urls.length)
  expect([...load.failures]).toEqual([])
  if (isFull) expect(shownRight).toBeLessThan(RIGHT)
  await expectTable(databaseUrl, log)
  await stop()
})
