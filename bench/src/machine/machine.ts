import { availableParallelism, cpus, totalmem } from 'node:os'
import type { Cores } from './cores.ts'

/** What the figures were measured on, in one line. */
export function machineLine(postgres: string): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const cores = `${availableParallelism()} cores (${cpu?.model.trim() ?? 'unknown'}), ${memory} GiB`
  return `${process.platform}, ${cores}, Node ${process.version.slice(1)}, Postgres ${postgres}`
}

/** What about the machine itself makes the figures worth less. */
export function shortcomings(cores: Cores, onDisk: boolean): readonly string[] {
  const count = availableParallelism()
  const said: string[] = []
  if (count < 2) said.push('A single core: server, load and database share it, and only ratios mean anything.')
  else if (cores.load === null)
    said.push('Processes cannot be bound to cores here: they move, and the figures with them.')
  else if (count === 2) said.push('Two cores: the server has one, the load and the database share the other.')
  if (!onDisk) said.push('The database lies in memory: a commit costs less here than on any disk.')
  return said
}
