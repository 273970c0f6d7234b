import { expect, test } from 'vitest'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { gather } from './support/crowd.ts'
import { expectTable } from './support/log.ts'
import { startNode } from './support/node.ts'
import { placeFor } from './support/places.ts'
import { startLoad, triesOf } from './support/senders.ts'
import { CLEAN, inWords, settle } from './support/settling.ts'
import { report, sized } from './support/size.ts'

const SIZE = sized({
  usual: { rooms: 5, subscribers: 25, senders: 8, perSecond: 200, cuts: 20, between: 50 },
  full: { rooms: 50, subscribers: 500, senders: 16, perSecond: 200, cuts: 20, between: 200 },
})
const TIMEOUT = sized({ usual: 120_000, full: 600_000 })

test('all connections cut or reset again and again: nothing is lost on the way', { timeout: TIMEOUT }, async () => {
  const { env, databaseUrl = '' } = await placeFor('Postgres')
  const node = await startNode(env)
  const proxy = await startTcpProxy({ host: node.url.hostname, port: Number(node.url.port) })
  const crowd = await gather(Object.assign(new URL(node.url), { port: String(proxy.port) }), SIZE)
  const load = startLoad({ senders: crowd.senders, perSecond: SIZE.perSecond })
  for (let cut = 0; cut < SIZE.cuts; cut++) {
    await load.more(SIZE.between)
    if (cut % 2 === 0) proxy.cut()
    else proxy.reset()
  }
  await load.more(SIZE.between)
  await load.stop()

  const { log, verdict } = await settle(crowd, crowd.subscribers, load.acknowledged)
  const sockets = crowd.subscribers.reduce((sum, each) => sum + each.sockets, 0)
  report(
    'Connections cut',
    `${SIZE.subscribers} subscribers over ${SIZE.rooms} rooms, ${SIZE.perSecond} sends/s: ${SIZE.cuts} cuts, ${sockets} sockets, ${inWords(verdict)}, ${triesOf(load)}`,
  )
  expect(verdict).toMatchObject(CLEAN)
  expect(load.failures.get('cut off')).toBeGreaterThan(0)
  expect(sockets).toBeGreaterThan(SIZE.subscribers * 3)
  await expectTable(databaseUrl, log)
  await node.stop()
  await proxy.close()
})
