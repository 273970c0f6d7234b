import { colloquy } from '../contestants/colloquy.ts'
import { yogaStatements, yogaTransactions } from '../contestants/peers.ts'
import { atLeast, named, type Result } from '../report/result.ts'
import { contest, type Measure } from './contest.ts'
import type { Run, Workload } from './workload.ts'

const CONTESTANTS = [colloquy, yogaTransactions, yogaStatements]
const SENDERS = 256

/** W4: what a node stores, all of one customer and of a hundred. */
export const durableSends: Workload = {
  ids: ['W4'],
  async measure(run) {
    return [await among(1, 3, run), await among(100, 1.5, run)]
  },
}

async function among(tenants: number, wanted: number, { ground, ...run }: Run): Promise<Result> {
  const rooms = run.settings.quick ? 200 : 1_000
  const scene = { rooms, subscribersPerRoom: 0, publishers: rooms, tenants }
  const measures = [sends(run.settings.roundMs)]
  const figures = (await contest({ contestants: CONTESTANTS, scene, measures }, ground, run)).get('rate') ?? []
  const ofTenants = tenants === 1 ? '1 tenant' : `${tenants} tenants`
  return {
    id: 'W4',
    title: `Durable sends through GraphQL, ${SENDERS} at once, ${rooms.toLocaleString('en')} rooms, ${ofTenants}`,
    unit: 'sends/s',
    better: 'more',
    figures,
    reaches: [atLeast(named(figures, colloquy), [named(figures, yogaTransactions)], wanted, 'a transaction per send')],
    notes: [],
  }
}

function sends(ms: number): Measure {
  return {
    name: 'W4',
    async run({ load }) {
      const { messages, ms: took, cpuSeconds } = await load.run({ type: 'acknowledged', inFlight: SENDERS, ms })
      return { values: { rate: (messages / took) * 1_000 }, load: cpuSeconds, work: messages }
    },
  }
}
