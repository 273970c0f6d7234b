import { availableParallelism } from 'node:os'
import { colloquy, twoNodes } from '../contestants/colloquy.ts'
import { atLeast, atMost, type Figure, named, type Result } from '../report/result.ts'
import { contest, type Measure } from './contest.ts'
import type { Workload } from './workload.ts'

const SCENE = { rooms: 1, subscribersPerRoom: 1_000, publishers: 1 }
/** Two nodes, the load and the database each need one of their own for the second node to be able to show anything. */
const CORES = 4

/** W8: what a second node gives, and what it costs. */
export const secondNode: Workload = {
  ids: ['W8'],
  async measure({ ground, ...run }) {
    const contestants = [twoNodes, colloquy]
    const measures = [inFlight(run.settings.roundMs)]
    const figures = await contest({ contestants, scene: SCENE, measures }, ground, run)
    return [throughput(figures.get('rate') ?? []), cost(figures.get('cost') ?? [])]
  },
}

function inFlight(ms: number): Measure {
  return {
    name: 'W8',
    async run({ server, load }) {
      const before = (await server.usage()).cpuSeconds
      const { deliveries, ms: took, cpuSeconds } = await load.run({ type: 'closed-loop', inFlight: 8, ms })
      const used = (await server.usage()).cpuSeconds - before
      const values = { rate: (deliveries / took) * 1_000, cost: (used / deliveries) * 1e6 }
      return { values, load: cpuSeconds, work: deliveries }
    },
  }
}

function throughput(figures: readonly Figure[]): Result {
  const hasCores = availableParallelism() >= CORES
  return {
    id: 'W8',
    title: '1 room × 1,000 subscribers over two nodes and a Redis, 8 messages in flight',
    unit: 'deliveries/s',
    better: 'more',
    figures,
    reaches: hasCores ? [atLeast(named(figures, twoNodes), [named(figures, colloquy)], 1.6, 'one node')] : [],
    notes: hasCores ? [] : ['Both nodes share one core here: only what they cost can be compared.'],
  }
}

function cost(figures: readonly Figure[]): Result {
  return {
    id: 'W8',
    title: 'The same: processor time of the servers for each delivery',
    unit: 'µs',
    better: 'less',
    figures,
    reaches: [atMost(named(figures, twoNodes), [named(figures, colloquy)], 1.25, 'one node')],
    notes: [],
  }
}
