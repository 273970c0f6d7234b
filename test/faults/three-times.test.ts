import { describe, expect, test } from 'vitest'
import { type Ask, askOverHttp, askOverSocket } from './support/asking.ts'
import { type Acknowledged, judge } from './support/delivery.ts'
import { readLog } from './support/log.ts'
import { startNode } from './support/node.ts'
import { DATABASES, placeFor } from './support/places.ts'
import { createRooms, type Rooms } from './support/rooms.ts'
import { RuleError, send } from './support/senders.ts'
import { CLEAN, inWords } from './support/settling.ts'
import { report, sized } from './support/size.ts'

const SENDS = sized({ usual: 1_000, full: 10_000 })
const TIMEOUT = sized({ usual: 120_000, full: 600_000 })
/** How many sends are made at one time, each three times. */
const ABREAST = 200
const WRITER = 'writer'

/** Three ways at once, two of them sockets, for one user in one room. */
async function scene(kind: (typeof DATABASES)[number]) {
  const { env } = await placeFor(kind)
  const node = await startNode(env)
  const rooms = await createRooms(node.url, [[WRITER]])
  const [room = ''] = rooms.ids
  const ways = [askOverSocket, askOverSocket, askOverHttp].map(way => way(node.url, WRITER))
  return { node, rooms, room, ways: await Promise.all(ways) }
}

const keys = Array.from({ length: SENDS }, (_, n) => `key ${n}`)

/** All keys, some at a time. */
async function forEachKey<Result>(task: (key: string, n: number) => Promise<Result>): Promise<readonly Result[]> {
  const results: Result[] = []
  for (let from = 0; from < keys.length; from += ABREAST) {
    const some = keys.slice(from, from + ABREAST)
    results.push(...(await Promise.all(some.map((key, index) => task(key, from + index)))))
  }
  return results
}

/** What became of a send: the acknowledgement, or the code of the rule that it broke. */
async function outcome(ask: Ask, room: string, key: string, content: string): Promise<Acknowledged | string> {
  return send({ userId: WRITER, ask }, room, key, content).catch((error: unknown) => {
    if (error instanceof RuleError) return error.code
    throw error
  })
}

async function messagesOf({ audit, start }: Rooms): Promise<number> {
  return (await readLog(audit, start)).entries.filter(({ message }) => message !== undefined).length
}

describe.each(DATABASES)('each send three times at once, on %s', kind => {
  test('is one message and three equal answers, and a conflict ever after', { timeout: TIMEOUT }, async () => {
    const { node, rooms, room, ways } = await scene(kind)
    const answers = await forEachKey(key => Promise.all(ways.map(ask => outcome(ask, room, key, `this is ${key}`))))
    const equal = answers.filter(three => new Set(three.map(each => JSON.stringify(each))).size === 1)
    const acknowledged = equal.flatMap(([first]) => (typeof first === 'object' ? [first] : []))
    const log = await readLog(rooms.audit, rooms.start)
    // Sent side by side they are in no order of their own.
    const verdict = judge(log, { streams: [], acknowledged: acknowledged.toSorted((a, b) => a.seq - b.seq) })
    const conflicts = await forEachKey((key, n) => outcome(ways[n % 3] ?? fail(), room, key, `this is not ${key}`))
    const refused = conflicts.filter(code => code === 'IDEMPOTENCY_CONFLICT').length
    report(
      `F12 on ${kind}`,
      `${SENDS} sends three times: ${equal.length} three equal answers, ${inWords(verdict)}, ${refused} conflicts with other content`,
    )
    expect(verdict).toMatchObject({ ...CLEAN, acknowledged: SENDS })
    expect(refused).toBe(SENDS)
    expect(await messagesOf(rooms)).toBe(SENDS)
    await node.stop()
  })

  test('with three contents under one key is one message and two conflicts', { timeout: TIMEOUT }, async () => {
    const { node, rooms, room, ways } = await scene(kind)
    const outcomes = await forEachKey(key =>
      Promise.all(ways.map((ask, way) => outcome(ask, room, key, `${key} by way ${way}`))),
    )
    const sent = outcomes.map(three => three.filter(each => typeof each === 'object').length)
    const refused = outcomes.flat().filter(each => each === 'IDEMPOTENCY_CONFLICT')
    expect(sent.filter(count => count !== 1)).toEqual([])
    expect(refused.length).toBe(2 * SENDS)
    expect(await messagesOf(rooms)).toBe(SENDS)
    await node.stop()
  })
})

function fail(): never {
  throw new Error('There are three ways.')
}
