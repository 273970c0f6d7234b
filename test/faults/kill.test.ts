import { describe, expect, test } from 'vitest'
import { gather } from './support/crowd.ts'
import { expectTable } from './support/log.ts'
import { startNode } from './support/node.ts'
import { DATABASES, placeFor } from './support/places.ts'
import { startLoad, triesOf } from './support/senders.ts'
import { CLEAN, inWords, settle } from './support/settling.ts'
import { report, sized } from './support/size.ts'

const SIZE = sized({
  usual: { rooms: 10, subscribers: 50, senders: 16, perSecond: 400, kills: 3, between: 200 },
  full: { rooms: 50, subscribers: 500, senders: 16, perSecond: 200, kills: 10, between: 600 },
})
const TIMEOUT = sized({ usual: 180_000, full: 900_000 })

describe.each(DATABASES)('kill -9 in the middle of sends, again and again, on %s', kind => {
  test('nothing acknowledged is lost, and whoever listens resumes to all of it', { timeout: TIMEOUT }, async () => {
    const { env, databaseUrl } = await placeFor(kind)
    const node = await startNode(env)
    const crowd = await gather(node.url, SIZE)
    const load = startLoad({ senders: crowd.senders, perSecond: SIZE.perSecond })
    for (let kill = 0; kill < SIZE.kills; kill++) {
      await load.more(SIZE.between)
      await node.kill()
      await node.start()
    }
    await load.more(SIZE.between)
    await load.stop()

    const { log, verdict } = await settle(crowd, crowd.subscribers, load.acknowledged)
    const size = `${SIZE.subscribers} subscribers over ${SIZE.rooms} rooms, ${SIZE.perSecond} sends/s`
    report(`F2 on ${kind}`, `${size}: ${SIZE.kills} kills, ${inWords(verdict)}, ${triesOf(load)}`)
    expect(verdict).toMatchObject(CLEAN)
    // Sends were under way at a kill: else nothing was tried.
    expect(load.failures.get('cut off')).toBeGreaterThan(0)
    for (const { sockets } of crowd.subscribers) expect(sockets).toBeGreaterThan(1)
    expect(log.entries.filter(({ message }) => message !== undefined).length).toBe(load.acknowledged.length)
    if (databaseUrl !== undefined) await expectTable(databaseUrl, log)
    await node.stop()
  })
})
