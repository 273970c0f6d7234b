import { colloquy } from '../contestants/colloquy.ts'
import { below, type Figure } from '../report/result.ts'
import { enoughRounds } from '../settings.ts'
import type { Workload } from './workload.ts'

const PER_ROOM = 10
const BEHIND = 20

/** W7: everyone comes back in the same moment and has missed something. The peers have nothing to come back to: what they missed is gone. */
export const comingBack: Workload = {
  ids: ['W7'],
  async measure({ ground, settings, progress }) {
    const count = settings.quick ? 1_000 : 5_000
    const rooms = count / PER_ROOM
    const entered = await colloquy.enter({ rooms, subscribersPerRoom: PER_ROOM, publishers: rooms }, ground)
    const seconds: number[] = []
    try {
      progress.say('W7: everyone connects')
      await entered.open()
      const isEnough = enoughRounds(settings)
      for (let round = 0; !isEnough(round); round++) {
        progress.say(`W7: round ${round + 1}`)
        await entered.load.close()
        const after = await entered.fallBehind(BEHIND)
        seconds.push((await entered.open({ atOnce: count, resume: { after, behind: BEHIND } })) / 1_000)
      }
    } finally {
      await entered.leave()
    }
    const ours: Figure = { name: colloquy.name, kind: 'ours', rounds: seconds }
    return [
      {
        id: 'W7',
        title: `${count.toLocaleString('en')} sockets come back at once, each ${BEHIND} messages behind: until all have caught up`,
        unit: 's',
        better: 'less',
        figures: [ours],
        reaches: [below(ours, 10, 's')],
        notes: [],
      },
    ]
  },
}
