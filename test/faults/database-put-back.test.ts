import { expect, test } from 'vitest'
import type { EmbeddedPostgres } from '../support/embedded-postgres.ts'
import { type Crowd, gather } from './support/crowd.ts'
import type { Acknowledged } from './support/delivery.ts'
import { expectTable, readLog } from './support/log.ts'
import { type Node, startNode } from './support/node.ts'
import { ownPostgres } from './support/places.ts'
import { type PutBack, saveFiles, saveRows } from './support/restoring.ts'
import { type Load, startLoad } from './support/senders.ts'
import { CLEAN, inWords, settle } from './support/settling.ts'
import { report, sized } from './support/size.ts'
import { type Subscriber, subscribe } from './support/subscriber.ts'

const SIZE = sized({
  usual: { rooms: 5, subscribers: 20, senders: 8, perSecond: 100, between: 100 },
  full: { rooms: 50, subscribers: 500, senders: 16, perSecond: 200, between: 1_000 },
})
const TIMEOUT = sized({ usual: 120_000, full: 600_000 })
const SIZE_IN_WORDS = `${SIZE.subscribers} subscribers over ${SIZE.rooms} rooms, ${SIZE.perSecond} sends/s`

type Save = (postgres: EmbeddedPostgres, node: Node) => Promise<PutBack>

async function saveFilesAndRestart(postgres: EmbeddedPostgres, node: Node): Promise<PutBack> {
  const putBack = await saveFiles(postgres)
  return async () => {
    await node.kill()
    await putBack()
    await node.start()
  }
}

interface Scene {
  readonly postgres: EmbeddedPostgres
  readonly node: Node
  readonly crowd: Crowd
  readonly load: Load
  /** The last place that both logs have. */
  readonly common: string
  /** Places that will be gone, the oldest first. */
  readonly gone: readonly string[]
  readonly putBack: PutBack
}

/** People who listen and send, a copy of the database, and as much again that the copy does not have. The load goes on. */
async function begin(save: Save): Promise<Scene> {
  const postgres = await ownPostgres()
  const node = await startNode({ DATABASE_URL: postgres.url })
  const crowd = await gather(node.url, SIZE)
  const load = startLoad({ senders: crowd.senders, perSecond: SIZE.perSecond })
  await load.more(SIZE.between)
  const common = (await readLog(crowd.audit, crowd.start)).entries.at(-1)?.position ?? ''
  const putBack = await save(postgres, node)
  const present = (await readLog(crowd.audit, common)).entries.length
  await load.more(SIZE.between)
  const gone = (await readLog(crowd.audit, common)).entries.slice(present).map(({ position }) => position)
  return { postgres, node, crowd, load, common, gone, putBack }
}

function resume({ node, crowd }: Scene, after: string): Promise<Subscriber> {
  return subscribe({
    url: node.url,
    userId: 'subscriber-0',
    after,
    conversations: crowd.subscribers[0]?.conversations ?? [],
  })
}

function isTold({ heard }: Subscriber): boolean {
  return heard.some(({ type }) => type === 'ResyncRequired')
}

/** What was acknowledged before is gone with what was put away: of each sender, that may hold for the first answer after the mark, too. */
function sentSince({ acknowledged }: Load, mark: number): readonly Acknowledged[] {
  const seen = new Set<string>()
  return acknowledged.slice(mark).filter(({ senderId }) => {
    const isFirst = !seen.has(senderId)
    seen.add(senderId)
    return !isFirst
  })
}

/** Holds everyone to the log as it is now, and those who had seen more of the other to having been told so. */
async function expectTold(
  { postgres, crowd, gone }: Scene,
  way: string,
  late: readonly Subscriber[],
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  const { log, verdict } = await settle(crowd, [...crowd.subscribers, ...late], acknowledged)
  const places = new Set([log.start, ...log.entries.map(({ position }) => position)])
  expect(gone.filter(position => places.has(position))).toEqual([])
  for (const position of gone.slice(-1)) await expect(readLog(crowd.audit, position)).rejects.toThrow('ResyncRequired')
  const stale = [...crowd.subscribers, ...late].filter(({ start = log.start, heard }) =>
    [{ position: start }, ...heard].some(({ position }) => !places.has(position)),
  )
  const told = stale.filter(isTold).length
  report(
    `F10 put back ${way}`,
    `${SIZE_IN_WORDS}, ${stale.length} stale, ${told} told ResyncRequired, ${inWords(verdict)}`,
  )
  expect(verdict).toMatchObject(CLEAN)
  expect(stale.filter(each => !isTold(each)).map(({ name }) => name)).toEqual([])
  expect(stale.length).toBeGreaterThan(SIZE.subscribers / 2)
  await expectTable(postgres.url, log)
}

test.each<[string, Save]>([
  ['its files, under a running server', saveFiles],
  ['its rows, under a connected server', saveRows],
])(
  'a database put back, %s: whoever listens is told, although nobody but writers come',
  { timeout: TIMEOUT },
  async (way, save) => {
    const scene = await begin(save)
    const { node, load, common, gone, putBack } = scene
    await putBack()
    const mark = load.acknowledged.length
    // More than was written before: the log passes the place where the stream stood.
    await load.more(gone.length * 2)
    const late = await Promise.all(gone.slice(-10).map(after => resume(scene, after)))
    const kept = await resume(scene, common)
    await load.more(SIZE.between / 2)
    await load.stop()
    await expectTold(scene, way, [...late, kept], sentSince(load, mark))
    for (const { heard } of late) expect(heard[0]?.type).toBe('ResyncRequired')
    expect(isTold(kept)).toBe(false)
    await node.stop()
  },
)

test('a database put back, its files, and the server is started anew: every stale cursor is told', {
  timeout: TIMEOUT,
}, async () => {
  const scene = await begin(saveFilesAndRestart)
  const { node, load, common, gone, putBack } = scene
  await putBack()
  const mark = load.acknowledged.length
  const early = await Promise.all([...gone.slice(0, 5), ...gone.slice(-5)].map(after => resume(scene, after)))
  const kept = await resume(scene, common)
  await load.more(gone.length * 2)
  const late = await Promise.all(gone.slice(-10).map(after => resume(scene, after)))
  await load.stop()
  await expectTold(scene, 'its files, and the server started anew', [...early, ...late, kept], sentSince(load, mark))
  for (const { heard } of [...early, ...late]) expect(heard[0]?.type).toBe('ResyncRequired')
  expect(isTold(kept)).toBe(false)
  await node.stop()
})

test('a database put back, its files, and nobody comes or writes: whoever listens is told all the same', {
  timeout: TIMEOUT,
}, async () => {
  const scene = await begin(saveFiles)
  const { node, crowd, load, putBack } = scene
  await load.stop()
  await putBack()
  await Promise.all(crowd.subscribers.map(each => each.first(({ type }) => type === 'ResyncRequired')))
  const after = startLoad({ name: 'after', senders: crowd.senders, perSecond: SIZE.perSecond })
  await after.more(SIZE.between)
  await after.stop()
  await expectTold(scene, 'its files, with nothing going on', [], after.acknowledged)
  await node.stop()
})
