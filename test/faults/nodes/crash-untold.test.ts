import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { listening, runProgram, serve } from '../../cli/command.ts'
import { gather } from '../support/crowd.ts'
import { expectTable } from '../support/log.ts'
import { startNode } from '../support/node.ts'
import { sharedPlace } from '../support/pair.ts'
import { startLoad, triesOf } from '../support/senders.ts'
import { CLEAN, inWords, settle } from '../support/settling.ts'
import { report, sized } from '../support/size.ts'

const SIZE = sized({
  usual: { rooms: 10, subscribers: 40, senders: 12, perSecond: 150, crashes: 3 },
  full: { rooms: 50, subscribers: 500, senders: 16, perSecond: 200, crashes: 10 },
})
const TIMEOUT = sized({ usual: 120_000, full: 900_000 })
const CRASHING = fileURLToPath(new URL('../../support/crashing-server.ts', import.meta.url))

test('a node ends between a commit and the telling of it, again and again: all is heard at the other', {
  timeout: TIMEOUT,
}, async () => {
  const { databaseUrl, env } = await sharedPlace()
  let crashing = false
  const first = await startNode(env)
  const second = await startNode(env, (told = {}) =>
    crashing ? listening(runProgram(process.execPath, [CRASHING], { env: told })) : serve(told),
  )
  const crowd = await gather([first.url, second.url], SIZE)
  const load = startLoad({ senders: crowd.senders, perSecond: SIZE.perSecond })
  await load.more(SIZE.perSecond)
  await second.kill()
  crashing = true
  for (let crash = 0; crash < SIZE.crashes; crash++) {
    await second.start()
    await vi.waitFor(() => expect(second.alive).toBe(false), { timeout: 60_000, interval: 20 })
  }
  crashing = false
  await second.start()
  await load.more(SIZE.perSecond)
  await load.stop()

  const { log, verdict } = await settle(crowd, crowd.subscribers, load.acknowledged)
  report(
    'F6 crashes between commit and telling',
    `${SIZE.subscribers} subscribers over ${SIZE.rooms} rooms, ${SIZE.perSecond} sends/s: ${SIZE.crashes} crashes, ${inWords(verdict)}, ${triesOf(load)}`,
  )
  expect(verdict).toMatchObject(CLEAN)
  expect(load.failures.get('cut off')).toBeGreaterThanOrEqual(SIZE.crashes)
  await expectTable(databaseUrl, log)
  await Promise.all([first.stop(), second.stop()])
})
