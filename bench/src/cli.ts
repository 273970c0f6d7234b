import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readArguments } from './arguments.ts'
import { installPeers } from './install.ts'
import { moveToCores, shareCores } from './machine/cores.ts'
import { machineLine, shortcomings } from './machine/machine.ts'
import { createNoise, noiseWarning } from './machine/noise.ts'
import { createPriorities, priorityWarning } from './machine/priority.ts'
import { startDurablePostgres } from './postgres.ts'
import { createProgress } from './progress.ts'
import { chart } from './report/chart.ts'
import { markdown, type Report } from './report/markdown.ts'
import type { Result } from './report/result.ts'
import { aligned } from './report/terminal.ts'
import { type Settings, wants } from './settings.ts'
import { IDS, WORKLOADS } from './workloads/catalogue.ts'

async function main(): Promise<void> {
  const settings = readArguments(process.argv.slice(2), IDS)
  installPeers()
  const report = await measure(settings)
  process.stdout.write(aligned(markdown(report)))
  const directory = resolve(settings.out)
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'benchmark.md'), markdown(report))
  if (report.results.length > 0) await writeFile(join(directory, 'benchmark.svg'), chart(report.results))
  await writeFile(join(directory, 'benchmark.json'), `${JSON.stringify(report, null, 2)}\n`)
  if (report.failures.length > 0) process.exitCode = 1
  process.stderr.write(`Written to ${settings.out}: benchmark.md, benchmark.svg, benchmark.json\n`)
}

async function measure(settings: Settings): Promise<Report> {
  const progress = createProgress()
  const cores = shareCores()
  const noise = createNoise()
  const priorities = createPriorities()
  const postgres = await startDurablePostgres()
  try {
    moveToCores(cores.database, postgres.pid)
    const { profile } = settings
    const flags = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profile)}`]
    const ground = { postgres, cores, noise, priorities, flags }
    const chosen = WORKLOADS.filter(({ ids }) => ids.some(id => wants(settings, id)))
    const results: Result[] = []
    const failures: string[] = []
    for (const workload of chosen) {
      const name = workload.ids.join(', ')
      const began = performance.now()
      try {
        const measured = await workload.measure({ ground, settings, progress })
        results.push(...measured)
      } catch (error) {
        failures.push(
          `${name} could not be measured: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
        )
      }
      progress.done()
      process.stderr.write(`${name}: ${Math.round((performance.now() - began) / 1_000)} s\n`)
    }
    return {
      date: new Date().toISOString().slice(0, 10),
      version: await ownVersion(),
      machine: machineLine(postgres.version),
      warnings: [...shortcomings(cores, postgres.onDisk), ...priorityWarning(priorities), ...noiseWarning(noise)],
      failures,
      results,
    }
  } finally {
    progress.done()
    await postgres.close()
  }
}

async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  return version
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
