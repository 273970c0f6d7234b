import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { askOverHttp, askOverSocket } from './support/asking.ts'
import { judge } from './support/delivery.ts'
import { startMischief } from './support/failing-database.ts'
import { expectTable, readLog } from './support/log.ts'
import { startNode } from './support/node.ts'
import { placeFor } from './support/places.ts'
import { createRooms } from './support/rooms.ts'
import { startLoad, triesOf } from './support/senders.ts'
import { CLEAN, inWords } from './support/settling.ts'
import { report, sized } from './support/size.ts'

const SIZE = sized({ usual: { sends: 1_500, freezes: 4 }, full: { sends: 20_000, freezes: 40 } })
const TIMEOUT = sized({ usual: 120_000, full: 900_000 })
const WRITERS = Array.from({ length: 32 }, (_, n) => `writer-${n}`)
const MISCHIEF = { rollbacks: 0.05, stalls: 0.05, stallMs: 40, endingMs: 300 }
/** Milliseconds for which a server stands still, be it in the middle of a commit. */
const FREEZE = 500

test('32 writers in one room over two servers, stalled and rolled back: its numbers have no hole', {
  timeout: TIMEOUT,
}, async () => {
  const { env, databaseUrl = '' } = await placeFor('Postgres')
  const nodes = [await startNode(env), await startNode(env)] as const
  const rooms = await createRooms(nodes[0].url, [WRITERS])
  const [room = ''] = rooms.ids
  const senders = await Promise.all(
    WRITERS.map(async (userId, n) => {
      const { url } = nodes[n % 2 === 0 ? 0 : 1]
      const ask = await (n % 4 < 2 ? askOverHttp : askOverSocket)(url, userId)
      return { userId, ask, conversations: [room] }
    }),
  )
  const mischief = await startMischief(databaseUrl, MISCHIEF)
  // A transaction that fails by what the server takes for a fault of its own is refused so; the next try may well do.
  const load = startLoad({ senders, passing: ['UNAVAILABLE', 'INTERNAL_SERVER_ERROR'] })
  for (let freeze = 0; freeze < SIZE.freezes; freeze++) {
    await load.more(SIZE.sends / SIZE.freezes)
    const node = nodes[freeze % 2 === 0 ? 0 : 1]
    node.freeze()
    await setTimeout(FREEZE)
    node.thaw()
  }
  await load.stop()
  const { stalled, refused, broken, ended } = await mischief.figures()
  await mischief.stop()

  const log = await readLog(rooms.audit, rooms.start)
  const verdict = judge(log, { streams: [], acknowledged: load.acknowledged })
  report(
    'F18',
    `${WRITERS.length} writers in one room over two servers: ${stalled} stalls, ${refused + broken} transactions rolled back, ` +
      `${ended} sessions ended, ${SIZE.freezes} times a server stood still: ${inWords(verdict)}, ${triesOf(load)}`,
  )
  expect(verdict).toMatchObject(CLEAN)
  await expectTable(databaseUrl, log)
  expect(log.entries.filter(({ message }) => message !== undefined).length).toBe(load.acknowledged.length)
  expect(Math.min(stalled, refused, broken, ended)).toBeGreaterThan(0)
  for (const node of nodes) await node.stop()
})
