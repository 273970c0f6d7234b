import { colloquy } from '../contestants/colloquy.ts'
import type { Contestant } from '../contestants/contestant.ts'
import { field } from '../contestants/field.ts'
import { below, type Figure, named, type Result } from '../report/result.ts'
import type { Run, Workload } from './workload.ts'

const PER_ROOM = 1_000

/** W6: what a subscriber costs while nothing happens. */
export const idleSubscribers: Workload = {
  ids: ['W6'],
  async measure(run) {
    const count = run.settings.quick ? 1_000 : 10_000
    const heap: Figure[] = []
    const resident: Figure[] = []
    for (const contestant of field(run.settings)) {
      run.progress.say(`W6: ${contestant.name}`)
      const { heapKb, residentKb } = await memoryOf(contestant, count, run)
      heap.push({ name: contestant.name, kind: contestant.kind, rounds: [heapKb] })
      resident.push({ name: contestant.name, kind: contestant.kind, rounds: [residentKb] })
    }
    const most = below(named(resident, colloquy), 16, 'KB')
    return [
      { ...memory(count, 'by which the process grew', resident), reaches: [most] },
      memory(count, 'held by JavaScript after garbage collection', heap),
    ]
  },
}

async function memoryOf(contestant: Contestant, count: number, { ground }: Run) {
  const rooms = count / PER_ROOM
  const scene = { rooms, subscribersPerRoom: PER_ROOM, publishers: rooms }
  const entered = await contestant.enter(scene, ground)
  try {
    const before = await entered.server.collected()
    await entered.open()
    const after = await entered.server.collected()
    const held = after.heapUsed + after.external - before.heapUsed - before.external
    return { heapKb: held / count / 1_000, residentKb: (after.rss - before.rss) / count / 1_000 }
  } finally {
    await entered.leave()
  }
}

function memory(count: number, what: string, figures: readonly Figure[]): Result {
  return {
    id: 'W6',
    title: `${count.toLocaleString('en')} idle subscribers in rooms of ${PER_ROOM.toLocaleString('en')}: memory for each, ${what}`,
    unit: 'KB',
    better: 'less',
    figures,
    reaches: [],
    notes: [],
  }
}
