import { summarise } from '../statistics.ts'
import type { Figure, Result } from './result.ts'
import { number } from './words.ts'

const WIDTH = 760
const LABEL = 220
const BAR = 18
const GAP = 8
const HEAD = 50
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

/** Bars for each result that has peers in it, as one SVG. Its ground is white, so that it can be read on a dark page too. */
export function chart(results: readonly Result[]): string {
  let top = 10
  const shown = results.filter(({ figures }) => figures.some(({ kind }) => kind !== 'ours' && kind !== 'variant'))
  const parts = shown.map(result => {
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
  const longest = Math.max(...figures.flatMap(({ rounds }) => rounds))
  const scale = (WIDTH - LABEL - VALUE) / longest
  return [
    `<text x="10" y="${top + 18}" font-weight="600" fill="${INK}">${escaped(title)}</text>`,
    `<text x="10" y="${top + 36}" fill="${QUIET}">${unit}, ${better} is better; the line is the range of the rounds</text>`,
    ...figures.map((figure, n) => bar(figure, scale, top + HEAD + n * (BAR + GAP))),
  ].join('\n')
}

function bar({ name, kind, rounds }: Figure, scale: number, top: number): string {
  const { median, min, max } = summarise(rounds)
  const at = (value: number) => (LABEL + value * scale).toFixed(1)
  const middle = top + BAR / 2
  const weight = kind === 'ours' ? ' font-weight="600"' : ''
  return [
    `<text x="${LABEL - 8}" y="${top + 13}" text-anchor="end" fill="${INK}"${weight}>${escaped(name)}</text>`,
    `<rect x="${LABEL}" y="${top}" width="${(median * scale).toFixed(1)}" height="${BAR}" fill="${COLOURS[kind]}"/>`,
    `<path d="M${at(min)} ${middle}H${at(max)}" stroke="${INK}" stroke-width="1.5"/>`,
    `<text x="${(LABEL + max * scale + 6).toFixed(1)}" y="${top + 13}" fill="${QUIET}">${number(median)}</text>`,
  ].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
