import { execFile } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { execForm, type Instruction, only, readStages, type Stage } from './dockerfile.ts'

const run = promisify(execFile)

/** What the Dockerfile makes, laid out in a directory as its lines say. */
export interface Image {
  /** Where the image's own root would be. */
  readonly root: string
  /** The working directory within it. */
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  readonly command: readonly string[]
  readonly healthCheck: readonly string[]
  readonly user: string
  close(): void
}

/** Does what a container engine would, but for the base images: their Node and npm are the run's own, and packages are the ones that stand here. */
export async function layOut(): Promise<Image> {
  const stages = readStages(readFileSync('Dockerfile', 'utf8'))
  const place = mkdtempSync(join(tmpdir(), 'colloquy-image-'))
  const rootOf = (name: string) => {
    const index = stages.findIndex(stage => stage.name === name)
    if (index < 0) throw new Error(`there is no stage ${name}`)
    return join(place, String(index))
  }
  for (const stage of stages) await build(stage, rootOf(stage.name), rootOf)
  const last = stages.at(-1)
  if (last === undefined) throw new Error('the Dockerfile has no stage')
  return {
    root: rootOf(last.name),
    directory: join(rootOf(last.name), only(last, 'WORKDIR')),
    environment: environmentOf(last),
    command: execForm(only(last, 'CMD')),
    healthCheck: execForm(only(last, 'HEALTHCHECK').replace(/^.* CMD /, '')),
    user: only(last, 'USER'),
    close: () => rmSync(place, { recursive: true, force: true }),
  }
}

function environmentOf({ instructions }: Stage): Record<string, string> {
  const pairs = instructions.filter(({ name }) => name === 'ENV').flatMap(({ rest }) => rest.split(' '))
  return Object.fromEntries(pairs.map(pair => pair.split('=', 2)))
}

async function build(stage: Stage, root: string, rootOf: (stage: string) => string): Promise<void> {
  const directory = join(root, only(stage, 'WORKDIR'))
  mkdirSync(directory, { recursive: true })
  for (const instruction of stage.instructions) {
    if (instruction.name === 'COPY') copy(instruction, directory, rootOf)
    if (instruction.name === 'RUN') await perform(instruction.rest, directory)
  }
}

function copy({ rest }: Instruction, directory: string, rootOf: (stage: string) => string): void {
  const [, stage, paths = ''] = /^(?:--from=(\S+) )?(.+)$/.exec(rest) ?? []
  const words = paths.split(' ')
  const to = words.pop() ?? ''
  for (const path of words) {
    const from = stage === undefined ? path : join(rootOf(stage), path)
    cpSync(from, join(directory, to.endsWith('/') ? join(to, basename(path)) : to), { recursive: true })
  }
}

/** What a RUN line does. One that is not known here fails the test. */
async function perform(command: string, directory: string): Promise<void> {
  const [program = '', ...args] = command.split(' ')
  if (command === 'npm ci') symlinkSync(join(process.cwd(), 'node_modules'), join(directory, 'node_modules'))
  else if (command === 'npm ci --omit=dev --omit=optional') bringProductionPackages(directory)
  else if (program === 'npx') await run(program, args, { cwd: directory })
  else throw new Error(`the tests do not know how to: ${command}`)
}

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ dev: z.boolean(), optional: z.boolean(), devOptional: z.boolean() }).partial(),
  ),
})

/** What npm would leave in `node_modules`, by the marks of the lock. */
function bringProductionPackages(directory: string): void {
  const { packages } = Lock.parse(JSON.parse(readFileSync(join(directory, 'package-lock.json'), 'utf8')))
  for (const [path, { dev, optional, devOptional }] of Object.entries(packages)) {
    if (path !== '' && !dev && !optional && !devOptional) link(path, join(directory, path))
  }
}

/** A package without those within it: as links, for speed, where the file system can. */
function link(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') link(source, target)
    } else linkOrCopy(source, target)
  }
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target)
  } catch {
    copyFileSync(source, target)
  }
}
