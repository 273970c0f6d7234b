import { setTimeout } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { gather } from '../support/crowd.ts'
import { expectTable } from '../support/log.ts'
import { startPair } from '../support/pair.ts'
import { flapsIn, watchPresence } from '../support/presences.ts'
import { AUDITOR } from '../support/rooms.ts'
import { startLoad, triesOf } from '../support/senders.ts'
import { CLEAN, inWords, settle } from '../support/settling.ts'
import { report, sized } from '../support/size.ts'

const SIZE = sized({
  usual: { rooms: 10, subscribers: 40, senders: 12, perSecond: 150, frozenMs: 5_000 },
  full: { rooms: 50, subscribers: 500, senders: 16, perSecond: 200, frozenMs: 30_000 },
})
const TIMEOUT = sized({ usual: 120_000, full: 600_000 })

test('one of two nodes stands still under load and goes on: nothing is lost, and nobody is seen to go and come twice', {
  timeout: TIMEOUT,
}, async () => {
  const { nodes, urls, databaseUrl, stop } = await startPair()
  const crowd = await gather(urls, SIZE)
  const names = crowd.subscribers.map(({ name }) => name)
  const presence = await watchPresence(urls[0], AUDITOR)
  const allThere = () =>
    vi.waitFor(() => expect(names.filter(name => presence().get(name)?.at(-1) !== 'ONLINE')).toEqual([]), {
      timeout: 60_000,
      interval: 50,
    })
  await allThere()
  const load = startLoad({ senders: crowd.senders, perSecond: SIZE.perSecond })
  await load.more(SIZE.perSecond)
  nodes[1].freeze()
  await setTimeout(SIZE.frozenMs)
  nodes[1].thaw()
  const returned = await load.next()
  await load.more(SIZE.perSecond)
  await load.stop()

  const { log, verdict } = await settle(crowd, crowd.subscribers, load.acknowledged)
  await allThere()
  const flaps = names.map(name => flapsIn(presence().get(name) ?? []))
  report(
    'F11 one node stands still',
    `${SIZE.subscribers} subscribers over ${SIZE.rooms} rooms, ${SIZE.perSecond} sends/s: for ${SIZE.frozenMs / 1_000} s, ${inWords(verdict)}, ` +
      `sends went on ${returned.toFixed()} ms after it, presence flaps: ${flaps.reduce((sum, each) => sum + each, 0)}, ` +
      `at most ${Math.max(...flaps)} a user, ${triesOf(load)}`,
  )
  expect(verdict).toMatchObject(CLEAN)
  expect(Math.max(...flaps)).toBeLessThanOrEqual(1)
  await expectTable(databaseUrl, log)
  await stop()
})
