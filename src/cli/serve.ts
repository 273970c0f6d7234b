import { once } from 'node:events'
import { keyMaterial } from '../config/key-material.ts'
import { type Config, readConfig } from '../config.ts'
import { systemClock } from '../domain/clock.ts'
import type { Logger } from '../observe/logger.ts'
import { createLogger } from '../observe/pino.ts'
import { type RunningServer, type Surroundings, startServer } from '../server.ts'
import { introduction } from './demo.ts'
import type { StopSignals } from './stop-signals.ts'

/** Milliseconds after which a process that has closed everything, and goes on all the same, is ended. */
const LINGER = 2_000

/** Serves until it is told to stop, then drains. Resolves once everything is closed; rejects when the server cannot start or end. */
export async function serve(env: NodeJS.ProcessEnv, { stop, now }: StopSignals): Promise<void> {
  const config = readConfig(env)
  const { level, pretty } = config.log
  const logger = createLogger({ level, pretty: pretty && process.stdout.isTTY })
  endOnCrash(logger)
  stop.addEventListener('abort', () => logger.info({ signal: stop.reason }, 'shutting down'))
  now.addEventListener('abort', () => logger.warn({ signal: now.reason }, 'ended at once: a second signal came'))
  if (stop.aborted) return
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => undefined) // It may come before anyone waits for it.
  const server = await start(config, { logger, stop, onLost: lost.reject })
  if (server === undefined) return
  try {
    logger.info({ url: graphqlUrl(server).href, version: process.version }, 'listening')
    if (config.environment === 'development') await introduce(config, server)
    if (!stop.aborted) await Promise.race([once(stop, 'abort'), lost.promise])
  } finally {
    await server.close()
  }
  systemClock.after(LINGER, () => {
    logger.warn({ open: process.getActiveResourcesInfo() }, 'ended although something is still open')
    process.exit(0)
  })
}

/** Resolves with undefined when it is stopped meanwhile. A step that goes on for long, such as waiting for another node's migration, ends with the process. */
async function start(
  config: Config,
  surroundings: Surroundings & { readonly stop: AbortSignal },
): Promise<RunningServer | undefined> {
  const { stop } = surroundings
  const giveUp = () => systemClock.after(config.transport.drainGraceMs, () => process.exit(0))
  stop.addEventListener('abort', giveUp)
  try {
    return await startServer(config, surroundings)
  } catch (error) {
    if (stop.aborted) return undefined
    throw error
  } finally {
    stop.removeEventListener('abort', giveUp)
  }
}

/** Nothing is known of the state of a process that threw where nobody caught: it leaves a last line and ends, as the store is made for. */
function endOnCrash(logger: Logger): void {
  process.on('uncaughtException', error => {
    logger.error({ error }, 'crashed')
    process.exit(1)
  })
}

const HERE = ['127.0.0.1', '0.0.0.0', '[::]']

/** A browser treats localhost as a secure place, and may not so treat an address that stands for every one. */
function graphqlUrl({ url }: RunningServer): URL {
  const shown = new URL('/graphql', url)
  if (HERE.includes(shown.hostname)) shown.hostname = 'localhost'
  return shown
}

async function introduce(config: Config, server: RunningServer): Promise<void> {
  const keys = await keyMaterial(config)
  if (keys.kind !== 'secret') return
  const { secret } = keys
  const graphiql = graphqlUrl(server)
  process.stdout.write(await introduction({ config, secret, store: server.store, graphiql, now: systemClock.now() }))
}
