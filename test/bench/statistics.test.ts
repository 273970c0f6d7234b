import { describe, expect, test } from 'vitest'
import { quantile, ratios, spread, summarise } from '../../bench/src/statistics.ts'

describe('the statistics of the benchmark', () => {
  test('a quantile lies between two values in proportion, whatever their order', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
    expect(quantile([10, 20, 30], 0)).toBe(10)
    expect(quantile([10, 20, 30], 1)).toBe(30)
    expect(quantile([0, 100], 0.99)).toBeCloseTo(99)
    expect(quantile([], 0.5)).toBeNaN()
  })

  test('one wild round moves the spread and not the median', () => {
    const summary = summarise([10, 11, 900, 9, 10])
    expect(summary).toEqual({ median: 10, min: 9, max: 900, rounds: 5 })
    expect(spread(summary)).toBe(89.1)
  })

  test('ratios compare what was measured side by side', () => {
    // The machine was half as fast in the second round, for both.
    expect(ratios([30, 15, 30], [10, 5, 10])).toMatchObject({ median: 3, min: 3, max: 3 })
  })
})
