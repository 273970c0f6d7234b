import { type Summary, spread } from '../statistics.ts'

/** Numbers as people read them: three digits that mean something. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return Number(value.toPrecision(3)).toString()
}

/** The median and the range that it lies in. */
export function range(summary: Summary): string {
  if (summary.rounds < 2) return number(summary.median)
  return `${number(summary.median)} (${number(summary.min)}–${number(summary.max)})`
}

/** Rounds so far apart say little about anything. */
export const isNoisy = (summary: Summary) => summary.rounds > 1 && spread(summary) > 0.3
