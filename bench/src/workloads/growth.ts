import { colloquy } from '../contestants/colloquy.ts'
import type { Contestant, Scene } from '../contestants/contestant.ts'
import type { Figure, Reach, Result } from '../report/result.ts'
import { summarise } from '../statistics.ts'
import { contest } from './contest.ts'
import type { Run, Workload } from './workload.ts'

/** Costs that differ by no more than this count as the same. */
const FLAT = 1.2

/** W10: what a delivery costs as there is more of everything. */
export const growth: Workload = {
  ids: ['W10'],
  async measure(run) {
    const { quick } = run.settings
    const subscribers = quick ? [100, 1_000] : [100, 1_000, 10_000]
    const rooms = quick ? [10, 1_000] : [10, 1_000, 10_000]
    const results = [
      await along('subscribers of 1 room', subscribers, count => ({ ...ONE_ROOM, subscribersPerRoom: count }), run),
      await along('rooms of 1 subscriber, 10 of them busy', rooms, count => ({ ...MANY_ROOMS, rooms: count }), run),
    ]
    if (quick) return results
    const sceneOf = (count: number) => ({ ...TEN, filling: { conversations: count / 10, messagesEach: 10 } })
    return [
      ...results,
      await along('messages stored before, 10 rooms × 10', [10_000, 100_000, 1_000_000], sceneOf, run),
    ]
  },
}

const ONE_ROOM = { rooms: 1, publishers: 1 }
const MANY_ROOMS = { subscribersPerRoom: 1, publishers: 10 }
const TEN = { rooms: 10, subscribersPerRoom: 10, publishers: 10 }

async function along(
  what: string,
  sizes: readonly number[],
  sceneOf: (size: number) => Scene,
  { ground, ...run }: Run,
): Promise<Result> {
  const figures: Figure[] = []
  for (const size of sizes) figures.push(await costAt(size.toLocaleString('en'), sceneOf(size), { ground, ...run }))
  return {
    id: 'W10',
    title: `Processor time of the server for each delivery, by the number of ${what}`,
    unit: 'µs',
    better: 'less',
    figures,
    reaches: [flat(figures)],
    notes: [],
  }
}

/** Each size on a server of its own: what else it holds is what is measured. */
async function costAt(name: string, scene: Scene, { ground, ...run }: Run): Promise<Figure> {
  const contestant: Contestant = { ...colloquy, name }
  const measure = {
    name: 'W10',
    async run({ server, load }: Awaited<ReturnType<Contestant['enter']>>) {
      const before = (await server.usage()).cpuSeconds
      const measured = await load.run({ type: 'closed-loop', inFlight: 8, ms: run.settings.roundMs })
      const used = (await server.usage()).cpuSeconds - before
      return {
        values: { cost: (used / measured.deliveries) * 1e6 },
        load: measured.cpuSeconds,
        work: measured.deliveries,
      }
    },
  }
  const figures = await contest({ contestants: [contestant], scene, measures: [measure] }, ground, run)
  const [figure] = figures.get('cost') ?? []
  if (figure === undefined) throw new Error('Nothing was measured.')
  return figure
}

/** Growing work may make a delivery cheaper, and not dearer. */
function flat(figures: readonly Figure[]): Reach {
  const medians = figures.map(({ rounds }) => summarise(rounds).median)
  const worst = Math.max(...medians) / (medians[0] ?? Number.NaN)
  return {
    wanted: `at most ${FLAT} × what it costs at the smallest`,
    got: `${worst.toFixed(2)} ×`,
    met: worst <= FLAT,
  }
}
