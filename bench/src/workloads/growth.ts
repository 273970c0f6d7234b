import { colloquy } from '../contestants/colloquy.ts'
import type { Contestant, Scene } from '../contestants/contestant.ts'
import type { Figure, Reach, Result } from '../report/result.ts'
import { summarise } from '../statistics.ts'
import { contest, type Measure } from './contest.ts'
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
      await along('subscribers of 1 room', subscribers, ONE_ROOM, count => ({ subscribersPerRoom: count }), run),
      await along('rooms of 1 subscriber, 10 of them busy', rooms, TEN_ROOMS, count => ({ rooms: count }), run),
    ]
    if (quick) return results
    const fillingOf = (count: number) => ({ filling: { conversations: count / 10, messagesEach: 10 } })
    const messages = [10_000, 100_000, 1_000_000]
    return [...results, await along('messages stored before, 10 rooms × 10', messages, TEN_OF_TEN, fillingOf, run)]
  },
}

const ONE_ROOM = { rooms: 1, subscribersPerRoom: 1, publishers: 1 }
const TEN_ROOMS = { rooms: 10, subscribersPerRoom: 1, publishers: 10 }
const TEN_OF_TEN = { rooms: 10, subscribersPerRoom: 10, publishers: 10 }

/** `scene` in several sizes, which are what `sizeOf` adds to it. */
async function along(
  what: string,
  sizes: readonly number[],
  scene: Scene,
  sizeOf: (size: number) => Partial<Scene>,
  { ground, ...run }: Run,
): Promise<Result> {
  const contestants = sizes.map(size => ofSize(size.toLocaleString('en'), sizeOf(size)))
  const figures = (await contest({ contestants, scene, measures: [costOf(run)] }, ground, run)).get('cost')
  if (figures === undefined) throw new Error('Nothing was measured.')
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

/** A server of its own, for what else it holds is what is measured; all sizes run in turns, as the machine is not the same from one minute to the next. */
function ofSize(name: string, size: Partial<Scene>): Contestant {
  return { ...colloquy, name, enter: (scene, ground) => colloquy.enter({ ...scene, ...size }, ground) }
}

/** Its rounds are busy for a third of their time: so many warm up, for until all is compiled a delivery costs twice as much. */
const WARM_UPS = 4

function costOf({ settings }: Omit<Run, 'ground'>): Measure {
  return {
    name: 'W10',
    warmUps: settings.quick ? 1 : WARM_UPS,
    async run({ server, load }) {
      const before = (await server.usage()).cpuSeconds
      const measured = await load.run({ type: 'closed-loop', inFlight: 8, ms: settings.roundMs })
      const used = (await server.usage()).cpuSeconds - before
      return {
        values: { cost: (used / measured.deliveries) * 1e6 },
        load: measured.cpuSeconds,
        work: measured.deliveries,
      }
    },
  }
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
