import { summarise } from '../statistics.ts'
import type { Figure, Result } from './result.ts'
import { number } from './words.ts'

const WIDTH = 760
const LABEL = 190
const BAR = 18
const GAP = 8
const HEAD = 34
const VALUE = 90
const INK = '#1f2328'
const QUIET = '#59636e'
const COLOURS = {
  ours: '#0969da',
  variant: '#8c959f',
  socket: '#8c959f',
  graphql: '#8c959f',
  storing: '#8c959f',
} as const

/** Bars for each of the results, as one SVG. Its ground is white, so that it can be read on a dark page too. */
export function chart(results: readonly Result[]): string {
  let top = 10
  const parts = results.map(result => {
    const part = group(result, top)
    top += HEAD + result.figures.length * (BAR + GAP) + 14
    return part
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" font-family="system-ui, sans-serif" font-size="13">`,
    '<title>Colloquy and its peers, measured in one run</title>',
    `<rect width="${WIDTH}" height="${top}" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

function group({ title, unit, better, figures }: Result, top: number): string {
  const medians = figures.map(figure => summarise(figure.rounds).median)
  const longest = Math.max(...medians)
  const caption = `${title} — ${unit}, ${better} is better`
  const bars = figures.map((figure, n) => bar(figure, (medians[n] ?? 0) / longest, top + HEAD + n * (BAR + GAP)))
  return [`<text x="10" y="${top + 18}" font-weight="600" fill="${INK}">${escaped(caption)}</text>`, ...bars].join('\n')
}

function bar({ name, kind, rounds }: Figure, part: number, top: number): string {
  const { median, min, max } = summarise(rounds)
  const scale = ((WIDTH - LABEL - VALUE) * part) / median
  const at = (value: number) => (LABEL + value * scale).toFixed(1)
  const middle = top + BAR / 2
  const weight = kind === 'ours' ? ' font-weight="600"' : ''
  return [
    `<text x="${LABEL - 8}" y="${top + 13}" text-anchor="end" fill="${INK}"${weight}>${escaped(name)}</text>`,
    `<rect x="${LABEL}" y="${top}" width="${(median * scale).toFixed(1)}" height="${BAR}" fill="${COLOURS[kind]}"/>`,
    `<path d="M${at(min)} ${middle}H${at(max)}" stroke="${INK}" stroke-width="1.5"/>`,
    `<text x="${(LABEL + Math.max(median, max) * scale + 6).toFixed(1)}" y="${top + 13}" fill="${QUIET}">${number(median)}</text>`,
  ].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
