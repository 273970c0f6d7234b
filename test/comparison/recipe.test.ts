import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { isFull, sized } from '../faults/support/size.ts'
import { type Listener, listen, type Sending, startSending } from './clients.ts'
import { type Contender, startColloquy, startRecipe } from './contenders.ts'

const SIZE = sized({
  usual: { rooms: 4, listeners: 40, perSecond: 100, sends: 300, downMs: 300, redisAwayMs: 1_500, patienceMs: 2_500 },
  full: {
    rooms: 50,
    listeners: 500,
    perSecond: 200,
    sends: 3_000,
    downMs: 3_000,
    redisAwayMs: 8_000,
    patienceMs: 10_000,
  },
})
const SENDER = 'sender'
const CONTENDERS: Readonly<Record<string, () => Promise<Contender>>> = {
  recipe: () => startRecipe(false),
  ...(isFull && { 'recipe, acknowledging what Redis has taken': () => startRecipe(true) }),
  Colloquy: startColloquy,
}
const FAULTS: Readonly<Record<string, (contender: Contender) => Promise<void>>> = {
  'a node killed (F1)': async ({ kill, restart }: Contender) => {
    await kill()
    await setTimeout(SIZE.downMs)
    await restart()
  },
  [`Redis killed for ${SIZE.redisAwayMs / 1_000} s (F4)`]: async ({ redis }: Contender) => {
    await redis.kill()
    await setTimeout(SIZE.redisAwayMs)
    await redis.start()
  },
}

interface Figures {
  readonly sends: number
  /** Milliseconds until the slowest of them was acknowledged, tries again included. */
  readonly slowest: number
  /** Acknowledged messages that at least one listener of their room was never told. */
  readonly lost: number
  /** Over all listeners: how many messages they were due, how many of these they lack, and how many they were told again. */
  readonly due: number
  readonly lacking: number
  readonly again: number
}

let runs = 0

/** The listeners are there when the sends begin; the fault comes in their midst. */
async function suffer(contender: Contender, fault: (contender: Contender) => Promise<void>): Promise<Figures> {
  const { url } = contender
  const people = Array.from({ length: SIZE.listeners }, (_, n) => `listener-${n}`)
  const members = Array.from({ length: SIZE.rooms }, (_, room) => people.filter((_, n) => n % SIZE.rooms === room))
  const rooms = await contender.rooms(members.map(listening => [SENDER, ...listening]))
  const roomOf = (nth: number) => rooms[nth % rooms.length] ?? ''
  const listeners = await Promise.all(people.map((userId, n) => listen(url, userId, roomOf(n))))
  const name = `run ${runs++}`
  const sends = { url, userId: SENDER, rooms }
  const silent = () => listeners.some(({ told }) => told.length === 0)
  for (let round = 0; silent(); round++, await setTimeout(200)) {
    const first = { ...sends, count: rooms.length, perSecond: SIZE.perSecond, name: `before ${name}: ${round}` }
    await (await startSending(first)).over
  }
  const sending = await startSending({ ...sends, count: SIZE.sends, perSecond: SIZE.perSecond, name })
  await setTimeout(700)
  await fault(contender)
  await sending.over
  const figures = () => compare(listeners, nth => roomOf(nth), sending, name)
  for (const since = Date.now(); Date.now() - since < SIZE.patienceMs && figures().lacking > 0; ) await setTimeout(100)
  for (const { stop } of listeners) stop()
  return figures()
}

function compare(
  listeners: readonly Listener[],
  roomOf: (nth: number) => string,
  { acknowledged, waits }: Sending,
  name: string,
): Figures {
  const lost = new Set<string>()
  const sums = { due: 0, lacking: 0, again: 0 }
  for (const [nth, { told }] of listeners.entries()) {
    const keys = told.filter(key => key.startsWith(name))
    const known = new Set(keys)
    const due = acknowledged.get(roomOf(nth)) ?? []
    const missing = due.filter(key => !known.has(key))
    for (const key of missing) lost.add(key)
    sums.due += due.length
    sums.lacking += missing.length
    sums.again += keys.length - known.size
  }
  return { sends: waits.length, slowest: Math.max(...waits), lost: lost.size, ...sums }
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.map(cell => cell.toLocaleString('en')).join(' | ')} |\n`
}

test('what the usual recipe loses, and Colloquy does not', { timeout: 600_000 }, async () => {
  const heads = [
    'fault',
    'two nodes of',
    'acknowledged sends',
    'of them lost to a listener',
    'deliveries due',
    'lost',
    'doubled',
    'slowest send',
  ]
  let table = row(heads) + row(heads.map(() => '---'))
  const lacking = new Map<string, number>()
  const again = new Map<string, number>()
  for (const [name, start] of Object.entries(CONTENDERS)) {
    const contender = await start()
    for (const [fault, strike] of Object.entries(FAULTS)) {
      const { sends, lost, due, slowest, ...sums } = await suffer(contender, strike)
      table += row([
        fault,
        name,
        sends,
        lost,
        due,
        sums.lacking,
        sums.again,
        `${Math.round(slowest).toLocaleString('en')} ms`,
      ])
      lacking.set(name, (lacking.get(name) ?? 0) + sums.lacking)
      again.set(name, (again.get(name) ?? 0) + sums.again)
    }
  }
  process.stdout.write(`${SIZE.listeners} listeners over ${SIZE.rooms} rooms, ${SIZE.perSecond} sends/s:\n${table}`)
  expect(lacking.get('Colloquy')).toBe(0)
  expect(again.get('Colloquy')).toBe(0)
  // Else the faults were none.
  expect(lacking.get('recipe')).toBeGreaterThan(0)
})
