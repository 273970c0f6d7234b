import type { Command } from '../../cli/command.ts'

/** Makes a server process say, at SIGUSR2, how much of its heap is alive after a full collection. */
const PRELOAD = `
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
let times = 0
if (isMainThread) process.on('SIGUSR2', () => {
  collect()
  process.stdout.write('alive ' + ++times + ': ' + process.memoryUsage().heapUsed + ' bytes\\n')
})`

/** What a server is to be started with to be weighed. */
export const WEIGHABLE = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PRELOAD)}` }

/** Weighs again and again, in MB. */
export function createScales(server: Command): () => Promise<number> {
  let times = 0
  return async () => {
    times++
    server.signal('SIGUSR2')
    const said = await server.printed(new RegExp(`alive ${times}: \\d+`))
    return Number(said.split(' ').at(-1)) / 1e6
  }
}
