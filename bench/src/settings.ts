/** How long and how often everything is measured. */
export interface Settings {
  readonly quick: boolean
  /** Workloads by their ids; empty: all of them. */
  readonly only: readonly string[]
  readonly rounds: number
  /** Milliseconds of one round. */
  readonly roundMs: number
  /** Milliseconds after which a measurement is content with the rounds that it has, one at least. */
  readonly budgetMs: number
  /** Where the report is written. */
  readonly out: string
  /** Where processor profiles of Colloquy's servers are written. Null: none are made, for they cost time. */
  readonly profile: string | null
}

/** Tells, before round n (from 0 on; those below warm up), whether the rounds before it are enough. */
export function enoughRounds({ rounds, budgetMs }: Settings): (round: number) => boolean {
  const began = performance.now()
  return round => round >= rounds || (round > 0 && performance.now() - began > budgetMs)
}

/** Whether a workload of that name was asked for. */
export function wants({ only }: Settings, id: string): boolean {
  return only.length === 0 || only.includes(id)
}
