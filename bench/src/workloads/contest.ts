import type { Contestant, Entered, Ground, Scene } from '../contestants/contestant.ts'
import { familySeconds } from '../machine/cpu-time.ts'
import type { Progress } from '../progress.ts'
import type { CpuSeconds, Figure } from '../report/result.ts'
import { enoughRounds, type Settings } from '../settings.ts'

/** What is measured of everyone who takes part: one round of it. */
export interface Measure {
  readonly name: string
  /** How many rounds only warm up. Default: 1. */
  readonly warmUps?: number
  run(entered: Entered): Promise<Round>
}

export interface Round {
  /** The round's values by the names of the results that they belong to. */
  readonly values: Readonly<Record<string, number>>
  /** Processor seconds of the load. */
  readonly load: number
  /** Deliveries or sends. */
  readonly work: number
}

/** All figures of a contest: by the name of a value, in the order of the contestants. */
export type Figures = ReadonlyMap<string, readonly Figure[]>

export interface Contest {
  readonly contestants: readonly Contestant[]
  readonly scene: Scene
  readonly measures: readonly Measure[]
}

/**
 * Brings everyone to the start first, and then has them run in turns: whoever does not run sits idle, warm and connected, and gives way. What only warms
 * up goes before the rounds that count.
 */
export async function contest(
  { contestants, scene, measures }: Contest,
  ground: Ground,
  { settings, progress }: { readonly settings: Settings; readonly progress: Progress },
): Promise<Figures> {
  const entered: { readonly contestant: Contestant; readonly here: Entered }[] = []
  const figures = new Map<string, Map<string, FigureSoFar>>()
  try {
    progress.say('all of them start')
    const starts = await Promise.allSettled(contestants.map(contestant => contestant.enter(scene, ground)))
    for (const [n, contestant] of contestants.entries()) {
      const start = starts[n]
      if (start?.status === 'fulfilled') entered.push({ contestant, here: start.value })
    }
    for (const start of starts) if (start.status === 'rejected') throw start.reason
    for (const { contestant, here } of entered) {
      progress.say(`${contestant.name} connects`)
      await here.open()
    }
    ground.priorities?.giveWay(entered.flatMap(({ here }) => here.pids))
    for (const measure of measures) {
      const isEnough = enoughRounds(settings)
      const { warmUps = 1 } = measure
      for (let round = -warmUps; !isEnough(round); round++) {
        for (const { contestant, here } of turned(entered, round + warmUps)) {
          progress.say(`${measure.name}, ${roundName(round)}: ${contestant.name}`)
          const { values, cpu, work } = await costed(here, ground, measure)
          if (round < 0) continue
          for (const [name, value] of Object.entries(values)) add(figures, name, contestant.name, { value, cpu, work })
        }
      }
    }
  } finally {
    await Promise.all(entered.map(({ here }) => here.leave()))
  }
  return new Map([...figures].map(([name, byName]) => [name, inOrder(contestants, byName)]))
}

function roundName(round: number): string {
  return round < 0 ? 'warming up' : `round ${round + 1}`
}

interface FigureSoFar {
  readonly rounds: number[]
  cpu: CpuSeconds
  work: number
}

async function costed(entered: Entered, { postgres, noise, priorities }: Ground, measure: Measure) {
  const { server, pids } = entered
  const round = async () => {
    const before = { server: (await server.usage()).cpuSeconds, database: familySeconds(postgres.pid) }
    const { values, load, work } = await measure.run(entered)
    const cpu = {
      server: (await server.usage()).cpuSeconds - before.server,
      database: familySeconds(postgres.pid) - before.database,
      load,
    }
    return { values, cpu, work }
  }
  priorities?.takeTurn(pids)
  try {
    return await noise.watch(round, ({ cpu }) => cpu.server + cpu.database + cpu.load)
  } finally {
    priorities?.giveWay(pids)
  }
}

function add(
  figures: Map<string, Map<string, FigureSoFar>>,
  name: string,
  contestant: string,
  { value, cpu, work }: { readonly value: number; readonly cpu: CpuSeconds; readonly work: number },
): void {
  const byName = figures.get(name) ?? new Map<string, FigureSoFar>()
  figures.set(name, byName)
  const soFar = byName.get(contestant) ?? { rounds: [], cpu: { server: 0, load: 0, database: 0 }, work: 0 }
  byName.set(contestant, soFar)
  soFar.rounds.push(value)
  soFar.work += work
  soFar.cpu = {
    server: soFar.cpu.server + cpu.server,
    load: soFar.cpu.load + cpu.load,
    database: soFar.cpu.database + cpu.database,
  }
}

function inOrder(contestants: readonly Contestant[], byName: ReadonlyMap<string, FigureSoFar>): readonly Figure[] {
  return contestants.flatMap(({ name, kind }) => {
    const figure = byName.get(name)
    return figure === undefined ? [] : [{ name, kind, ...figure }]
  })
}

/** The same things, another one first each time. */
function turned<Thing>(things: readonly Thing[], by: number): readonly Thing[] {
  const start = things.length === 0 ? 0 : by % things.length
  return [...things.slice(start), ...things.slice(0, start)]
}
