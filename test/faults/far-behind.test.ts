import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Served, serve, stopped } from '../cli/command.ts'
import { pgliteDirectory, postgresDatabase } from '../support/database.ts'
import { createActor, SECRET } from './support/actor.ts'
import { readGauges } from './support/gauges.ts'
import { writeMessages } from './support/history.ts'
import { openReader } from './support/reader.ts'
import { report, sized } from './support/size.ts'
import { createScales, WEIGHABLE } from './support/weighing.ts'

const SIZE = sized({ usual: { missed: 3_000, sockets: 8 }, full: { missed: 100_000, sockets: 5 } })
const HEAP_MB_A_SOCKET = 1

const CREATE = /* GraphQL */ `
  mutation { createConversation(input: { kind: GROUP }) { conversation { id } position userErrors { code } } }
`

async function placeOf(kind: 'Postgres' | 'PGlite') {
  const place = kind === 'PGlite' ? await pgliteDirectory() : await postgresDatabase()
  onTestFinished(() => place.close())
  if ('url' in place) return { env: { DATABASE_URL: place.url }, database: place }
  return { env: { DATA_DIR: place.path }, database: { path: join(place.path, 'postgres') } }
}

describe.each(['Postgres', 'PGlite'] as const)('on %s', kind => {
  test(`${SIZE.missed} missed events come in pages, each once and in order`, { timeout: 600_000 }, async () => {
    const { env, database } = await placeOf(kind)
    const start = () => serve({ JWT_SECRET: SECRET, RATE_LIMITS: 'off', DRAIN_MS: '0', ...WEIGHABLE, ...env })
    let server: Served = await start()
    const ada = await createActor('acme', 'ada', () => server.url)
    interface Made {
      readonly createConversation: { readonly conversation: { readonly id: string }; readonly position: string }
    }
    const { conversation, position } = (await ada.ask<Made>(CREATE)).createConversation
    await stopped(server)
    const written = { tenantId: 'acme', conversationId: conversation.id, senderId: 'ada', count: SIZE.missed }
    await writeMessages(database, written)
    server = await start()

    const open = (nth: number) =>
      openReader({
        url: server.url,
        authorization: ada.authorization,
        conversationId: nth % 2 === 0 ? null : conversation.id,
        resumeAfter: position,
        message: 'id content',
      })
    // What the code and the caches take the first time is no socket's.
    for (const nth of [0, 1]) {
      const reader = await open(nth)
      await reader.caughtUp()
      reader.leave()
    }
    const weigh = createScales(server)
    const before = await weigh()
    const { cpuSeconds: cpuBefore } = await readGauges(server.url)
    const began = performance.now()
    const readers = await Promise.all(Array.from({ length: SIZE.sockets }, (_, nth) => open(nth)))
    let over = false
    const caughtUp = Promise.all(readers.map(reader => reader.caughtUp())).finally(() => {
      over = true
    })
    caughtUp.catch(() => undefined)
    let most = 0
    let weighed = 0
    while (!over) {
      most = Math.max(most, await weigh())
      weighed++
      await Promise.race([caughtUp, new Promise(resolve => setTimeout(resolve, 2_000))])
    }
    await caughtUp
    const seconds = (performance.now() - began) / 1_000
    const cpuSeconds = (await readGauges(server.url)).cpuSeconds - cpuBefore
    const all = Array.from({ length: SIZE.missed }, (_, nth) => nth + 2).join()
    const wrong = readers.filter(({ seqs }) => seqs.join() !== all).length
    const each = (most - before) / SIZE.sockets
    report(
      `F15 far behind on ${kind}`,
      `${SIZE.sockets} sockets missed ${SIZE.missed} events each, all told after ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} of the processor, weighing included), ` +
        `heap alive ${before.toFixed(1)} MB and at most ${each.toFixed(2)} MB more a socket (weighed ${weighed} times), ` +
        `not exactly the log: ${wrong} of ${SIZE.sockets}`,
    )
    expect(wrong).toBe(0)
    expect(each).toBeLessThanOrEqual(HEAP_MB_A_SOCKET)
    await stopped(server)
  })
})
