import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'
import { colloquy } from '../contestants/colloquy.ts'
import { field } from '../contestants/field.ts'
import type { DurablePostgres } from '../postgres.ts'
import { atLeast, type Figure, kindOf, named, type Reach, type Result, resultOf } from '../report/result.ts'
import { wants } from '../settings.ts'
import { quantile, summarise } from '../statistics.ts'
import { contest, type Measure } from './contest.ts'
import type { Workload } from './workload.ts'

const SCENE = { rooms: 100, subscribersPerRoom: 10, publishers: 100 }
const PER_SECOND = 200

/** W3 and W5: a hundred rooms of ten, as fast as it goes and at a steady two hundred messages a second. */
export const manyRooms: Workload = {
  ids: ['W3', 'W5'],
  async measure({ ground, ...run }) {
    const { settings } = run
    const measures = [full(settings.roundMs), steady(settings.roundMs * 2)].filter(({ name }) => wants(settings, name))
    const figures = await contest({ contestants: field(run.settings), scene: SCENE, measures }, ground, run)
    const commits = wants(settings, 'W5') ? await commitTimes(ground.postgres, settings.roundMs * 2) : []
    return [
      ...resultOf(figures.get('rate'), throughput),
      ...resultOf(figures.get('p50'), measured => latency(measured, { part: 0.5, most: 3, commits })),
      ...resultOf(figures.get('p99'), measured => latency(measured, { part: 0.99, most: 15, commits })),
    ]
  },
}

function full(ms: number): Measure {
  return {
    name: 'W3',
    async run({ load }) {
      const { deliveries, ms: took, cpuSeconds } = await load.run({ type: 'closed-loop', inFlight: 64, ms })
      return { values: { rate: (deliveries / took) * 1_000 }, load: cpuSeconds, work: deliveries }
    },
  }
}

function steady(ms: number): Measure {
  return {
    name: 'W5',
    async run({ load }) {
      const { deliveries, times, cpuSeconds } = await load.run({ type: 'open-loop', perSecond: PER_SECOND, ms })
      return { values: { p50: times.p50, p99: times.p99 }, load: cpuSeconds, work: deliveries }
    },
  }
}

/** Milliseconds that this machine takes for the smallest durable transaction, at the same pace. */
async function commitTimes(postgres: DurablePostgres, ms: number): Promise<readonly number[]> {
  const client = new Client({ connectionString: await postgres.database('commit_times') })
  await client.connect()
  try {
    await client.query('CREATE TABLE word (said text)')
    const times: number[] = []
    const began = performance.now()
    while (performance.now() - began < ms) {
      const before = performance.now()
      await client.query('INSERT INTO word VALUES ($1)', ['x'.repeat(100)])
      times.push(performance.now() - before)
      await setTimeout(1_000 / PER_SECOND)
    }
    return times
  } finally {
    await client.end()
  }
}

function throughput(figures: readonly Figure[]): Result {
  return {
    id: 'W3',
    title: '100 rooms × 10 subscribers, 64 messages in flight, 100 publishers over WebSocket',
    unit: 'deliveries/s',
    better: 'more',
    figures,
    reaches: [atLeast(named(figures, colloquy), kindOf(figures, 'graphql'), 1.5, 'the best GraphQL peer')],
    notes: [],
  }
}

function latency(
  figures: readonly Figure[],
  { part, most, commits }: { readonly part: number; readonly most: number; readonly commits: readonly number[] },
): Result {
  const commit = quantile(commits, part)
  const above = summarise(named(figures, colloquy).rounds).median - commit
  const reach: Reach = {
    wanted: `at most ${most} ms above the machine's own commit time`,
    got: `${above.toFixed(1)} ms above ${commit.toFixed(1)} ms`,
    met: above <= most,
  }
  return {
    id: 'W5',
    title: `${PER_SECOND} messages/s into rooms of 10: send to delivery, ${part === 0.5 ? 'median' : '99th percentile'}`,
    unit: 'ms',
    better: 'less',
    figures,
    reaches: [reach],
    notes: ['The peers store nothing: only Colloquy has a commit on the way.'],
  }
}
