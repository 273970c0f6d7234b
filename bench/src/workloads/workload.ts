import type { Ground } from '../contestants/contestant.ts'
import type { Progress } from '../progress.ts'
import type { Result } from '../report/result.ts'
import type { Settings } from '../settings.ts'

/** One run of the benchmark, as every workload gets it. */
export interface Run {
  readonly ground: Ground
  readonly settings: Settings
  readonly progress: Progress
}

/** Something that is measured in one go, which may yield several results. */
export interface Workload {
  /** What a caller may name it by. */
  readonly ids: readonly string[]
  measure(run: Run): Promise<readonly Result[]>
}
