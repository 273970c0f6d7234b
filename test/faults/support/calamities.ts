import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { onTestFinished } from 'vitest'
import type { EmbeddedPostgres } from '../../support/embedded-postgres.ts'
import type { FrontedPair } from './fronted-pair.ts'

export type Calamity = keyof ReturnType<typeof createCalamities>

/**
 * What may befall two nodes, their Redis and their Postgres. Each resolves once whatever went is there again. Only the second node's process ever ends: the
 * first one lives through all, so that what it gathers can be seen.
 */
export function createCalamities({ nodes, redis }: FrontedPair, postgres: EmbeddedPostgres, awayMs: number) {
  const [survivor, mortal] = nodes
  const admin = new Redis(redis.url, { retryStrategy: () => 100 }).on('error', () => undefined)
  onTestFinished(() => admin.disconnect())
  return {
    async 'kill a node'() {
      await mortal.kill()
      await setTimeout(awayMs)
      await mortal.start()
    },
    async 'end a node in order'() {
      await mortal.stop()
      await mortal.start()
    },
    async 'stand still'() {
      survivor.freeze()
      await setTimeout(awayMs)
      survivor.thaw()
    },
    async 'kill Redis'() {
      await redis.kill()
      await setTimeout(awayMs)
      await redis.start()
    },
    async 'flush Redis'() {
      await admin.flushall()
    },
    async 'cut the connections of Redis'() {
      await admin.client('KILL', 'TYPE', 'pubsub')
      await admin.client('KILL', 'TYPE', 'normal')
    },
    async 'crash Postgres'() {
      await postgres.crash()
      await setTimeout(awayMs)
      await postgres.start()
    },
  }
}
