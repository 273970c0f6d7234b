import type { DurablePostgres } from '../postgres.ts'
import { atLeast, atMost, type Figure, type Result } from '../report/result.ts'
import { enoughRounds, type Settings } from '../settings.ts'
import { quantile } from '../statistics.ts'
import { latencies, throughput } from './rounds.ts'
import { openScene, type Scene, type Way } from './scene.ts'

const WAYS = ['grouped', 'one each'] as const
const NAMES: Readonly<Record<Way, string>> = {
  grouped: 'Colloquy: group commit',
  'one each': 'One transaction per send',
}
const KINDS = { grouped: 'ours', 'one each': 'variant' } as const
/** What each measurement of throughput is to reach. */
const CROWDS = [
  { tenants: 1, senders: 128, editors: 0, wanted: 4 },
  { tenants: 1, senders: 256, editors: 0, wanted: 4 },
  { tenants: 1, senders: 128, editors: 16, wanted: 3 },
  { tenants: 64, senders: 256, editors: 0, wanted: 2 },
] as const
const QUICK_CROWDS = [CROWDS[0], CROWDS[3]]
type Crowd = Omit<(typeof CROWDS)[number], 'wanted'>
const PER_SECOND = 200
const PEOPLE = 256

/** What group commit gives: the same services on the same Postgres, with it and without it. */
export async function groupCommit(postgres: DurablePostgres, settings: Settings): Promise<readonly Result[]> {
  const scenes = { 1: new Map<Way, Scene>(), 64: new Map<Way, Scene>() }
  try {
    for (const tenants of [1, 64] as const) {
      for (const way of WAYS) {
        const url = await postgres.database(`group_commit_${tenants}_${way.replaceAll(' ', '_')}`)
        scenes[tenants].set(way, await openScene(url, way, PEOPLE, tenants))
      }
    }
    const results: Result[] = []
    for (const { wanted, ...crowd } of settings.quick ? QUICK_CROWDS : CROWDS) {
      const figures = await interleaved(scenes[crowd.tenants], settings, scene =>
        throughput(scene, { ...crowd, ms: settings.roundMs }),
      )
      results.push(throughputResult(crowd, wanted, figures))
    }
    const slowest = await interleaved(scenes[1], settings, async scene => {
      const ms = settings.roundMs * 2
      return quantile(await latencies(scene, { people: PEOPLE, perSecond: PER_SECOND, ms }), 0.99)
    })
    results.push(latencyResult(slowest))
    return results
  } finally {
    for (const scene of [...scenes[1].values(), ...scenes[64].values()]) await scene.close()
  }
}

/** Measures every way once a round, in an order that turns with the rounds, after one round that only warms up. */
async function interleaved(
  scenes: ReadonlyMap<Way, Scene>,
  settings: Settings,
  measure: (scene: Scene) => Promise<number>,
): Promise<readonly Figure[]> {
  const values = new Map<Way, number[]>(WAYS.map(way => [way, []]))
  const isEnough = enoughRounds(settings)
  for (let round = -1; !isEnough(round); round++) {
    const order = round % 2 === 0 ? WAYS : WAYS.toReversed()
    for (const way of order) {
      const scene = scenes.get(way)
      if (scene === undefined) continue
      const value = await measure(scene)
      if (round >= 0) values.get(way)?.push(value)
    }
  }
  return WAYS.map(way => ({ name: NAMES[way], kind: KINDS[way], rounds: values.get(way) ?? [] }))
}

function throughputResult({ tenants, senders, editors }: Crowd, wanted: number, figures: readonly Figure[]): Result {
  const beside = editors === 0 ? '' : ` beside ${editors} editors`
  const [ours, theirs] = figures
  return {
    id: 'group-commit',
    title: `Durable sends, ${senders} senders of ${tenants === 1 ? 'one tenant' : `${tenants} tenants`}${beside}`,
    unit: 'sends/s',
    better: 'more',
    figures,
    reaches: ours && theirs ? [atLeast(ours, [theirs], wanted, 'one transaction per send')] : [],
    notes: [],
  }
}

function latencyResult(figures: readonly Figure[]): Result {
  const [ours, theirs] = figures
  return {
    id: 'group-commit',
    title: `Time of a send at ${PER_SECOND} sends/s, 99th percentile`,
    unit: 'ms',
    better: 'less',
    figures,
    reaches: ours && theirs ? [atMost(ours, [theirs], 1.05, 'one transaction per send')] : [],
    notes: [],
  }
}
