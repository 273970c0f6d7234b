import { summarise } from '../statistics.ts'
import { type Figure, type Result, timesOf } from './result.ts'
import { isNoisy, number, range } from './words.ts'

/** The whole report: what was measured on, and a table for each result. */
export function markdown(report: Report): string {
  const { date, version, machine, warnings, failures, results } = report
  return [
    `# Benchmark, ${date}`,
    `Colloquy ${version}. ${machine}.`,
    ...(warnings.length === 0 ? [] : [warnings.map(warning => `- ${warning}`).join('\n')]),
    ...results.map(section),
    ...failures,
    '',
  ].join('\n\n')
}

export interface Report {
  readonly date: string
  readonly version: string
  readonly machine: string
  readonly warnings: readonly string[]
  /** Workloads that could not be measured, and why. */
  readonly failures: readonly string[]
  readonly results: readonly Result[]
}

function section(result: Result): string {
  const { id, title, unit, better, figures, reaches, notes } = result
  const cells = [
    ['', `${figures[0]?.name} ÷ it`, `${unit}, ${better} is better`, 'server CPU', 'load CPU', 'database CPU'],
    ['---', '---:', '---:', '---:', '---:', '---:'],
    ...figures.map(figure => row(result, figure)),
  ]
  // Columns of which nobody has a value say nothing.
  const used = cells[0]?.map((_, column) => cells.slice(2).some(line => line[column] !== '')) ?? []
  const table = cells.map(line => `| ${line.filter((_, column) => used[column]).join(' | ')} |`).join('\n')
  const said = [
    ...reaches.map(({ wanted, got, met }) => `- ${met ? 'Reached' : 'Not reached'}: ${wanted}; measured ${got}.`),
    ...[...notes, ...dearLoads(result)].map(note => `- ${note}`),
  ]
  return [`## ${id}: ${title}`, table, ...(said.length === 0 ? [] : [said.join('\n')])].join('\n\n')
}

/** A load that used more than what it measured may have been what was measured. */
function dearLoads({ better, figures }: Result): readonly string[] {
  const dear = figures.filter(({ cpu }) => better === 'more' && cpu !== undefined && cpu.load > cpu.server)
  return dear.map(({ name }) => `The load used more processor time than ${name}: its figure is too low.`)
}

function row(result: Result, figure: Figure): readonly string[] {
  const summary = summarise(figure.rounds)
  const isOurs = figure === result.figures[0]
  const value = isNoisy(summary) ? `${range(summary)} ±` : range(summary)
  return [figure.name, isOurs ? '' : `**${number(timesOf(result, figure).median)}**`, value, ...cpuCells(figure)]
}

/** The server's for each delivery or send, and the others' in parts of it. */
function cpuCells({ cpu, work = 0 }: Figure): readonly string[] {
  if (cpu === undefined) return ['', '', '']
  const part = (seconds: number) => `${number((seconds / cpu.server) * 100)} %`
  const each = work === 0 ? '' : `${number((cpu.server / work) * 1e6)} µs`
  return [each, part(cpu.load), cpu.database === 0 ? '' : part(cpu.database)]
}
