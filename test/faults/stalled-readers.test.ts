import { expect, onTestFinished, test } from 'vitest'
import { serve, stopped } from '../cli/command.ts'
import { postgresDatabase } from '../support/database.ts'
import { type Actor, createActor, SECRET } from './support/actor.ts'
import { quantile, watchGauges } from './support/gauges.ts'
import { openReader, type Reader } from './support/reader.ts'
import { isFull, report, sized } from './support/size.ts'
import { pause } from './support/weather.ts'

/**
 * A process takes memory for garbage, as much as V8 likes, and the more the less it is pressed: in the usual size it has little for that, so that what is seen
 * soon is what is held; in the full size it first runs until it has taken what it takes under this load.
 *
 * What the system holds for a connection is full after some megabytes: with one subscription of each reader after seconds. In the usual size each has more of
 * them, and is found out sooner, so that the whole takes seconds.
 */
const SIZE = sized({
  usual: {
    stalled: 50,
    beside: 1,
    warmMs: 5_000,
    stallMs: 5_000,
    heap: '--max-old-space-size=96 --max-semi-space-size=2',
  },
  full: { stalled: 50, beside: 0, warmMs: 45_000, stallMs: 30_000, heap: '' },
})
const SENDERS = 20
const PER_SECOND = 200
const FOUR_KB = 'x'.repeat(4_000)
const GROWTH_MB = 50

const CREATE = /* GraphQL */ `
  mutation Create($memberIds: [ID!]) {
    createConversation(input: { kind: GROUP, memberIds: $memberIds }) { conversation { id } userErrors { code } }
  }
`
const SEND = /* GraphQL */ `
  mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { seq } userErrors { code } } }
`

/** Sends so many a second until it is stopped; gives the number of the newest message. */
function flow(senders: readonly Actor[], conversationId: string) {
  let goesOn = true
  let sent = 0
  const all = senders.map(async (sender, nth) => {
    await pause((nth * 1_000) / PER_SECOND)
    for (let number = 0, due = performance.now(); goesOn; number++) {
      // The client's own key says when: it is asked for under another name.
      const clientMessageId = `${performance.now()}`
      const input = { conversationId, content: `${number} ${FOUR_KB}`, clientMessageId }
      await sender.ask(SEND, { input })
      sent++
      due += (senders.length * 1_000) / PER_SECOND
      await pause(Math.max(0, due - performance.now()))
    }
  })
  return async () => {
    goesOn = false
    await Promise.all(all)
    return sent
  }
}

test('readers that stop cost little memory, hold up nobody, are cut by 1013 and resume', {
  timeout: 300_000,
}, async () => {
  const database = await postgresDatabase()
  onTestFinished(() => database.close())
  const server = await serve({
    JWT_SECRET: SECRET,
    RATE_LIMITS: 'off',
    DATABASE_URL: database.url,
    STALL_MS: String(SIZE.stallMs),
    DRAIN_MS: '0',
    NODE_OPTIONS: SIZE.heap,
  })
  const actor = (id: string) => createActor('acme', id, () => server.url)
  const enter = async (name: string, count: number) => {
    const actors = await Promise.all(Array.from({ length: count }, (_, nth) => actor(`${name}-${nth}`)))
    await Promise.all(actors.map(each => each.ask('{ viewer { tenantId } }')))
    return actors
  }
  const stallers = await enter('stalled', SIZE.stalled)
  const others = await enter('other', 5)
  const senders = await enter('sender', SENDERS)
  const owner = await actor('owner')
  type Made = { readonly createConversation: { readonly conversation: { readonly id: string } } }
  const memberIds = [...stallers, ...others, ...senders].map(({ id }) => id)
  const { createConversation } = await owner.ask<Made>(CREATE, { memberIds })
  const conversationId = createConversation.conversation.id
  const open = async (reader: Actor, rest: { beside?: number; resumeAfter?: string; message?: string } = {}) => {
    const { url } = server
    const message = 'sentAt: clientMessageId content'
    const opened = await openReader({ url, authorization: reader.authorization, conversationId, message, ...rest })
    await opened.caughtUp()
    return opened
  }

  const readers = await Promise.all(others.map(each => open(each)))
  const stop = flow(senders, conversationId)
  const usualWatch = watchGauges(server.url, 250)
  await pause(SIZE.warmMs)
  const usual = await usualWatch.most()
  const delaysBefore = readers.flatMap(({ delays }) => delays.splice(0))

  // All that the sockets cost counts as growth: they come now.
  const stalled = await Promise.all(stallers.map(each => open(each, { beside: SIZE.beside })))
  for (const reader of stalled) reader.stopReading()
  const watch = watchGauges(server.url, 250)
  const since = Date.now()
  const closings = () => server.log().filter(({ msg }) => msg === 'A client that reads nothing is closed')
  // They are closed within 60 seconds; who reads on soon after is told why.
  await expect.poll(() => closings().length, { timeout: 60_000, interval: 250 }).toBe(SIZE.stalled)
  const closedAfter = Math.max(...closings().map(({ time }) => Date.parse(String(time)))) - since
  const most = await watch.most()
  for (const reader of stalled) reader.readOn()
  const delaysDuring = readers.flatMap(({ delays }) => delays.splice(0))
  const sent = await stop()
  const last = sent + 1
  await expect.poll(() => readers.map(({ seqs }) => seqs.at(-1)), { timeout: 10_000 }).toEqual(readers.map(() => last))

  const codes = await Promise.all(stalled.map(({ closed }) => closed))
  const light = { message: 'id' }
  const rests: Reader[] = []
  for (const [nth, { position }] of stalled.entries()) {
    const staller = stallers[nth]
    if (staller !== undefined) rests.push(await open(staller, { resumeAfter: position, ...light }))
  }
  const heard = stalled.map(({ seqs }, nth) => [...seqs, ...(rests[nth]?.seqs ?? [])])
  // Each from its first on: the others came before the first message.
  const upToLast = ([first = 0]: readonly number[]) => Array.from({ length: last + 1 - first }, (_, nth) => first + nth)
  const wrong = [...heard, ...readers.map(({ seqs }) => seqs)].filter(seqs => seqs.join() !== upToLast(seqs).join())
  expect(readers.map(({ seqs }) => seqs[0])).toEqual(readers.map(() => 2))
  const growthMb = most.residentMb - usual.residentMb
  const p99 = [delaysBefore, delaysDuring].map(delays => quantile(delays, 0.99))
  report(
    'F13 stalled readers',
    `${SIZE.stalled} sockets, ${sent} messages of 4 KB, resident ${usual.residentMb.toFixed(0)} MB and then ` +
      `${growthMb.toFixed(0)} MB more (heap ${(most.heapMb - usual.heapMb).toFixed(0)}, buffers ${(most.externalMb - usual.externalMb).toFixed(0)}), ` +
      `others' p99 ${p99.map(ms => ms?.toFixed(0)).join(' ms, then ')} ms, closed with ${[...new Set(codes)]} within ${(closedAfter / 1_000).toFixed(0)} s, ` +
      `not exactly the log: ${wrong.length} of ${heard.length + readers.length}`,
  )
  // The server waits some seconds for who was closed: who reads on later finds the connection gone.
  expect(codes.filter(code => code !== 1013 && code !== 1006)).toEqual([])
  expect(codes).toContain(1013)
  expect(wrong).toEqual([])
  expect(growthMb).toBeLessThanOrEqual(GROWTH_MB)
  if (isFull) expect(p99[1]).toBeLessThanOrEqual(2 * (p99[0] ?? 0))
  await stopped(server)
})
