import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Device } from './support/device.ts'
import { expectedOf, type Figures, figuresOf, type LogRow, readLogs } from './support/due.ts'
import { fetchConversation, fetchState } from './support/fetched.ts'
import { fetchReceipts, type ReceiptWatch } from './support/receipts.ts'
import { anyPlot, type Played, type Plot, play } from './support/scenario.ts'
import { type DatabaseKind, type FragileServer, serveFragile } from './support/served.ts'
import { isFull, report } from './support/size.ts'
import { pause } from './support/weather.ts'

/** Of the random plots; printed with a failure, and given again by FAULTS_SEED. */
const SEED = Number(process.env['FAULTS_SEED'] ?? (isFull ? Date.now() % 2 ** 31 : 20_261_125))
const DEEDS = isFull ? 80 : 40
const TIMEOUT = isFull ? 3_600_000 : 300_000

const NONE: Figures = { lost: 0, doubled: 0, outOfOrder: 0, strange: 0, stale: 0, revocations: 0 }

/** Two tenants with users of the same names, on one server and one network. */
async function playBoth(server: FragileServer, [one, other]: readonly [Plot, Plot], meanwhile: Meanwhile) {
  const [first, second] = await Promise.all([
    play(server, randomUUID(), one),
    play(server, randomUUID(), other),
    meanwhile(server),
  ])
  return [first, second]
}

type Meanwhile = (server: FragileServer) => Promise<void>

/** Plays `runs` random plots and prints what came of them. */
async function playAll(name: string, kind: DatabaseKind, runs: number, meanwhile: Meanwhile = async () => {}) {
  const server = await serveFragile(kind, { MAX_SOCKETS_PER_USER: '100' })
  const all: Played[] = []
  let compared = 0
  const property = fc.asyncProperty(anyPlot(DEEDS), anyPlot(DEEDS), async (...plots) => {
    const played = await playBoth(server, plots, meanwhile)
    all.push(...played)
    for (const { devices, receipts } of played) {
      await expectStates(devices)
      for (const watch of receipts) compared += await expectReceipts(watch)
    }
    for (const { close } of played) close()
    if ('url' in server.database) await expectStreams(server, played)
  })
  await fc.assert(property, { seed: SEED, numRuns: runs, endOnFailure: true })
  expect(compared).toBeGreaterThan(0)
  await server.stop()
  const { due, figures } = await expectStreams(server, all)
  const devices = all.flatMap(played => played.devices)
  const outcomes = all.flatMap(played => played.outcomes)
  const done = outcomes.filter(outcome => outcome === 'done').length
  const reconnects = devices.reduce((total, { connections }) => total + connections - 1, 0)
  report(
    `${name} on ${kind}`,
    `seed ${SEED}, ${runs} runs, ${done} mutations of ${outcomes.length}, ${devices.length} devices, ` +
      `${reconnects} reconnects, ${due} events due, lost/doubled/out of order ` +
      `${figures.lost}/${figures.doubled}/${figures.outOfOrder}, every state as fetched anew, ${compared} receipts too`,
  )
}

/** Old state + events = state fetched anew, at each inbox. */
async function expectStates(devices: readonly Device[]) {
  for (const device of devices.filter(each => each.conversationId === undefined)) {
    const { state } = await fetchState(device.viewer)
    expect(Object.fromEntries(await device.state())).toEqual(Object.fromEntries(state))
    for (const id of state.keys()) {
      const [said, seen] = (await fetchConversation(device.viewer, id))?.counted ?? []
      expect(said).toEqual(seen)
    }
  }
}

/** State + changes = how far each member has come, fetched anew. Returns how many were compared. */
async function expectReceipts(watch: ReceiptWatch): Promise<number> {
  const members = await fetchReceipts(watch.viewer, watch.conversationId)
  if (members === undefined) return 0
  const shown = () => members.map(member => watch.of(member))
  await expect.poll(shown, { timeout: 20_000, message: `receipts of ${watch.viewer.id}` }).toEqual(members)
  expect(watch.problems).toEqual([])
  return members.flatMap(({ lastReadAt, lastDeliveredAt }) => [lastReadAt, lastDeliveredAt].filter(Boolean)).length
}

/** Each device was told exactly what the log has for it. */
async function expectStreams({ database }: FragileServer, played: readonly Played[]) {
  const tenantIds = played.map(({ tenantId }) => tenantId)
  const logs: ReadonlyMap<string, readonly LogRow[]> = await readLogs(database, tenantIds)
  const total = { ...NONE }
  let due = 0
  for (const { tenantId, devices } of played) {
    for (const { viewer, from, reached, conversationId, heard, problems } of devices) {
      const viewerId = viewer.id
      const watching = { viewerId, from, reached, conversationId }
      const expected = expectedOf(logs.get(tenantId) ?? [], watching)
      const found = figuresOf(heard, expected, watching)
      expect({ ...found, problems, viewerId, conversationId, from }).toMatchObject({ ...NONE, problems: [] })
      due += expected.length
      for (const key of Object.keys(NONE) as (keyof Figures)[]) total[key] += found[key]
    }
  }
  return { due, figures: total }
}

describe.each<[DatabaseKind, number]>([
  ['Postgres', isFull ? 20 : 2],
  ['PGlite', isFull ? 5 : 1],
])('random mutations, on %s', (kind, runs) => {
  const name = 'F19 state through a broken network'
  test(
    `${name}: events give what a query gives, and each device hears its memberships once`,
    { timeout: TIMEOUT },
    () => playAll(name, kind, runs),
  )

  test('the same when the server is killed again and again', { timeout: TIMEOUT }, () =>
    playAll('F19 state under kill -9', kind, runs > 2 ? runs : 1, async server => {
      for (let kills = 0; kills < 2; kills++) {
        await pause(300)
        await server.kill()
      }
    }),
  )
})
