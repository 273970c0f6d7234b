import { parseArgs } from 'node:util'
import type { Settings } from './settings.ts'

export const USAGE = `Usage: npm run bench -- [workloads] [--quick] [--rounds N] [--seconds S] [--out DIR] [--profile DIR]

  workloads   by their names (W1, group-commit, …), or --only NAME; none: all of them
  --quick     fewer and shorter rounds, smaller scenes, fewer peers: done in less than two minutes, once the peers are installed
  --rounds    rounds of each measurement (7; quick: 2 at most)
  --seconds   of each round (2; quick: 0.25)
  --out       where the report is written (bench/results)
  --profile   a directory for processor profiles of Colloquy's servers
`

/** What was asked for. Throws with the usage when it makes no sense. */
export function readArguments(argv: readonly string[], known: readonly string[]): Settings {
  const { values, positionals } = parse(argv)
  const quick = values.quick === true
  const only = [...positionals, ...(values.only ?? [])].map(word => {
    const id = known.find(each => each.toLowerCase() === word.toLowerCase())
    if (id === undefined) throw new Error(`There is no workload ${word}.\n\n${USAGE}`)
    return id
  })
  return {
    quick,
    only,
    rounds: positive(values.rounds, quick ? 2 : 7),
    roundMs: positive(values.seconds, quick ? 0.25 : 2) * 1_000,
    budgetMs: quick ? 2_000 : Number.POSITIVE_INFINITY,
    out: values.out ?? 'bench/results',
    profile: values.profile ?? null,
  }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean' },
        only: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        out: { type: 'string' },
        profile: { type: 'string' },
      },
    })
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  }
}

function positive(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!(value > 0)) throw new Error(`${text} is no number above 0.\n\n${USAGE}`)
  return value
}
