import { availableParallelism } from 'node:os'
import { machineSeconds } from './cpu-time.ts'

/** Which part of the machine others took while something was measured. */
export interface Noise {
  /** Watches one round, given what those used who were meant to, in seconds. */
  watch<Result>(round: () => Promise<Result>, ownSeconds: (result: Result) => number): Promise<Result>
  /** Between 0 and 1, over all rounds. Null where the machine does not tell. */
  readonly share: number | null
}

/** What is said of a machine that was not left alone. */
export function noiseWarning({ share }: Noise): readonly string[] {
  if (share === null) return ['How busy the machine was otherwise cannot be told here.']
  if (share < 0.05) return []
  return [
    `Other programs used ${Math.round(share * 100)} % of the machine while it was measured: repeat it when it is quiet.`,
  ]
}

export function createNoise(): Noise {
  let others = 0
  let capacity = 0
  let isTold = true
  return {
    async watch(round, ownSeconds) {
      const before = machineSeconds()
      const began = performance.now()
      const result = await round()
      const after = machineSeconds()
      if (before === null || after === null) isTold = false
      else {
        const used = after.busy - before.busy + (after.stolen - before.stolen)
        others += Math.max(0, used - ownSeconds(result))
        capacity += ((performance.now() - began) / 1_000) * availableParallelism()
      }
      return result
    },
    get share() {
      return isTold && capacity > 0 ? others / capacity : null
    },
  }
}
