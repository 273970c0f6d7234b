/** What repeated measurements of one thing say. All in the unit of the measurements. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly rounds: number
}

export function summarise(values: readonly number[]): Summary {
  return {
    median: quantile(values, 0.5),
    min: Math.min(...values),
    max: Math.max(...values),
    rounds: values.length,
  }
}

/** How far the rounds lie apart: the range in parts of the median, 0 for equal ones. */
export function spread({ median, min, max }: Summary): number {
  return median === 0 ? 0 : (max - min) / median
}

/** The value below which that part (0 to 1) of all values lies, between two neighbours in proportion. NaN of nothing. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * part
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

/**
 * By how much `ours` is more than `theirs`, round by round: rounds are interleaved, so that what disturbs the machine for a while disturbs both sides of
 * a pair. More robust than the ratio of two medians.
 */
export function ratios(ours: readonly number[], theirs: readonly number[]): Summary {
  return summarise(ours.slice(0, theirs.length).map((value, round) => value / (theirs[round] ?? Number.NaN)))
}
