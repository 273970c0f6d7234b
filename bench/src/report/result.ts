import { ratios, type Summary, summarise } from '../statistics.ts'

/** What one workload measured, of everyone who took part. */
export interface Result {
  /** `W1`, or a workload's word of its own. */
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly better: 'more' | 'less'
  /** Colloquy's first. */
  readonly figures: readonly Figure[]
  readonly reaches: readonly Reach[]
  readonly notes: readonly string[]
}

/** `ours` is Colloquy, `variant` the same server without what is measured, and the others are kinds of peers. */
export type Kind = 'ours' | 'variant' | 'socket' | 'graphql' | 'storing'

export interface Figure {
  readonly name: string
  readonly kind: Kind
  /** One value a round, in the result's unit. Round n of every figure was measured next to round n of the others. */
  readonly rounds: readonly number[]
  readonly cpu?: CpuSeconds
  /** How much was done in that processor time: deliveries, or sends. */
  readonly work?: number
}

/** Processor time that was used while the rounds ran, in seconds. */
export interface CpuSeconds {
  readonly server: number
  readonly load: number
  readonly database: number
}

/** What was to be reached, and what was. */
export interface Reach {
  readonly wanted: string
  readonly got: string
  readonly met: boolean
}

/** By how many times the first figure's values are those of the other. */
export function timesOf({ figures: [ours] }: Pick<Result, 'figures'>, theirs: Figure): Summary {
  return ratios(ours?.rounds ?? [], theirs.rounds)
}

/** The figure of that name. Throws when it is not there. */
export function named(figures: readonly Figure[], { name }: { readonly name: string }): Figure {
  const found = figures.find(figure => figure.name === name)
  if (found === undefined) throw new Error(`${name} was not measured.`)
  return found
}

export function kindOf(figures: readonly Figure[], kind: Kind): readonly Figure[] {
  return figures.filter(figure => figure.kind === kind)
}

/** At least `wanted` times what the best of `rivals` does, where more is better. */
export function atLeast(ours: Figure, rivals: readonly Figure[], wanted: number, who: string): Reach {
  const got = Math.min(...rivals.map(rival => ratios(ours.rounds, rival.rounds).median))
  return { wanted: `at least ${wanted} × ${who}`, got: `${got.toFixed(2)} ×`, met: got >= wanted }
}

/** At most `wanted` times what the best of `rivals` takes, where less is better. */
export function atMost(ours: Figure, rivals: readonly Figure[], wanted: number, who: string): Reach {
  const got = Math.max(...rivals.map(rival => ratios(ours.rounds, rival.rounds).median))
  return { wanted: `at most ${wanted} × ${who}`, got: `${got.toFixed(2)} ×`, met: got <= wanted }
}

/** At most `wanted`, in the result's own unit. */
export function below(ours: Figure, wanted: number, unit: string): Reach {
  const got = summarise(ours.rounds).median
  return { wanted: `at most ${wanted} ${unit}`, got: `${got.toPrecision(3)} ${unit}`, met: got <= wanted }
}

/** The result that figures make; none where they were not asked for. */
export function resultOf(
  figures: readonly Figure[] | undefined,
  make: (figures: readonly Figure[]) => Result,
): readonly Result[] {
  return figures === undefined ? [] : [make(figures)]
}
