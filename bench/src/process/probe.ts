import { setTimeout } from 'node:timers/promises'
import { answerQuestions } from './child.ts'

/**
 * Loaded into every server before its own code (`node --import`), Colloquy's and the peers' alike: says what the process has used. It keeps no process
 * alive and does nothing until it is asked.
 */
answerQuestions(async question => {
  if (question === 'collected') await collect()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { cpuSeconds: (user + system) / 1e6, rss, heapUsed, external }
})
process.channel?.unref()
// Whoever measures has ended, in whatever way: nothing of it is to stay behind.
process.once('disconnect', () => process.exit())

/** Garbage of the recent past is no cost of what stands now. Some of it is let go only after a turn of the event loop. */
async function collect(): Promise<void> {
  for (let n = 0; n < 3; n++) {
    globalThis.gc?.()
    await setTimeout(50)
  }
}
