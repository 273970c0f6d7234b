import { colloquy } from '../contestants/colloquy.ts'
import { field } from '../contestants/field.ts'
import { wsLoop } from '../contestants/peers.ts'
import { atLeast, atMost, kindOf, named, type Result, resultOf } from '../report/result.ts'
import { wants } from '../settings.ts'
import { contest, type Measure } from './contest.ts'
import type { Workload } from './workload.ts'

const SUBSCRIBERS = 1_000
const SCENE = { rooms: 1, subscribersPerRoom: SUBSCRIBERS, publishers: 1 }
const RATE = 'deliveries per second'
const LAST = 'time to the last'

/** W1 and W2: one room with a thousand subscribers, with many messages in flight and with one. */
export const oneLargeRoom: Workload = {
  ids: ['W1', 'W2'],
  async measure({ ground, ...run }) {
    const { settings } = run
    const measures = [inFlight('W1', 8, settings.roundMs), inFlight('W2', 1, settings.roundMs)].filter(({ name }) =>
      wants(settings, name),
    )
    const figures = await contest({ contestants: field(run.settings), scene: SCENE, measures }, ground, run)
    return [...resultOf(figures.get(`W1 ${RATE}`), many), ...resultOf(figures.get(`W2 ${LAST}`), single)]
  },
}

function inFlight(id: string, count: number, ms: number): Measure {
  return {
    name: id,
    async run({ load }) {
      const measured = await load.run({ type: 'closed-loop', inFlight: count, ms })
      const values = {
        [`${id} ${RATE}`]: (measured.deliveries / measured.ms) * 1_000,
        [`${id} ${LAST}`]: measured.times.p50,
      }
      return { values, load: measured.cpuSeconds, work: measured.deliveries }
    },
  }
}

function many(figures: Result['figures']): Result {
  const ours = named(figures, colloquy)
  return {
    id: 'W1',
    title: '1 room × 1,000 subscribers, 8 messages in flight',
    unit: 'deliveries/s',
    better: 'more',
    figures,
    reaches: [
      atLeast(ours, kindOf(figures, 'graphql'), 15, 'the best GraphQL peer'),
      atLeast(ours, [named(figures, wsLoop)], 4, 'the ws loop'),
    ],
    notes: [],
  }
}

function single(figures: Result['figures']): Result {
  return {
    id: 'W2',
    title: '1 room × 1,000 subscribers, 1 message in flight: time to the last subscriber, median',
    unit: 'ms',
    better: 'less',
    figures,
    reaches: [atMost(named(figures, colloquy), [named(figures, wsLoop)], 1.3, 'the ws loop')],
    notes: [],
  }
}
