import { createAuthenticator } from './auth/authenticator.ts'
import { TokenError } from './auth/token-error.ts'
import { createMemoryBus } from './bus/memory.ts'
import { inDataDirectory } from './config/data-directory.ts'
import { keyMaterial } from './config/key-material.ts'
import { type Config, ConfigError } from './config.ts'
import { type Clock, systemClock } from './domain/clock.ts'
import { type NewId, newId } from './domain/ids.ts'
import type { Viewer } from './domain/viewer.ts'
import { createEngine } from './graphql/engine.ts'
import { createMemoryLimiter } from './limits/memory.ts'
import { unlimited } from './limits/unlimited.ts'
import type { Logger } from './observe/logger.ts'
import { createMetrics, type Metrics } from './observe/metrics.ts'
import { createMemoryPresence } from './presence/memory.ts'
import type { PresenceRegistry } from './presence/presence.ts'
import { createServices } from './services/create-services.ts'
import { createStore } from './store/create-store.ts'
import { type Database, UnavailableError } from './store/database/database.ts'
import { SchemaTooNewError } from './store/database/migrate.ts'
import { createPglite } from './store/database/pglite.ts'
import { createPostgres } from './store/database/postgres.ts'
import type { Store } from './store/store.ts'
import { createStreams } from './stream/create-streams.ts'
import type { StreamOptions } from './stream/options.ts'
import type { Page } from './transport/http/http.ts'
import type { Presence } from './transport/presence-hooks.ts'
import { createTransport } from './transport/transport.ts'

/** What a test may put in the place of the machine's own. */
export interface Surroundings {
  readonly logger: Logger
  readonly clock?: Clock
  readonly newId?: NewId
  /** A part that cannot be had again in this process has ended: whoever started it should end too. */
  readonly onLost?: (error: Error) => void
  /** Aborted, it gives a start up before its next step: `startServer` then rejects with the signal's reason. */
  readonly stop?: AbortSignal
}

export interface RunningServer {
  /** Where it listens, without a path. */
  readonly url: URL
  /** Puts users where their first token would. */
  readonly store: Store
  /** Drains the clients, then ends everything in the reverse order of its making. Idempotent. */
  close(): Promise<void>
}

/** Puts the server together, from the database up, and listens. Rejects with a readable error when a part cannot start; what had started is ended. */
export async function startServer(config: Config, surroundings: Surroundings): Promise<RunningServer> {
  const { logger, clock = systemClock, newId: makeId = newId, stop } = surroundings
  const closers: (() => Promise<void>)[] = []
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= closeInReverse(closers)
    return closing
  }
  const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    closers.push(() => part.close())
    return part
  }

  try {
    if (config.redisUrls.length > 0) {
      throw new ConfigError(['REDIS_URL: this release runs as one node; unset it'])
    }
    const keys = await keyMaterial(config)
    const database = keep(await openDatabase(config, surroundings, clock))
    stop?.throwIfAborted()
    await prepare(database, config)
    stop?.throwIfAborted()
    const store = createStore(database)
    const streams = keep(createStreams({ store, clock, logger, options: streamOptions(config) }))
    store.onCommit((tenantId, batch) => streams.apply(tenantId, batch))
    const metrics = keep(createMetrics())
    store.onCommit((_, { events, receipts }) => {
      metrics.events.inc(events.length)
      metrics.receipts.inc(receipts.length)
    })
    const bus = keep(createMemoryBus({ onListenerError: error => logger.error({ error }, 'bus listener failed') }))
    const limiter = keep(createLimiter(config, clock))
    const presence = keep(createPresence(config, clock, logger))
    const services = keep(
      createServices({ store, streams, bus, presence, clock, newId: makeId, limits: config.messaging }),
    )
    const engine = createEngine({
      services,
      store,
      limiter,
      logger,
      limits: config.gate,
      production: config.environment === 'production',
    })
    const authenticator = createAuthenticator({ ...config.tokens, keys, clock, logger })
    const transport = keep(
      createTransport({
        engine,
        authenticate: async token => enter(store, await authenticator.verify(token)),
        presence: presenceHooks(presence),
        clock,
        newId: makeId,
        logger,
        ready: () => answers(database),
        options: config.transport,
        pages: new Map([['/metrics', metricsPage(metrics)]]),
      }),
    )
    metrics.watchSockets(() => transport.sockets)
    const url = await transport.listen(config.port, config.host)
    return { url, store, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The last made is the first to go. One that fails to end keeps no other from ending. */
async function closeInReverse(closers: (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const end of closers.reverse()) await end().catch(error => failures.push(error))
  if (failures.length > 0) throw new AggregateError(failures, 'Not everything ended cleanly.')
}

async function openDatabase(
  { databaseUrl, dataDir }: Config,
  { logger, onLost }: Surroundings,
  clock: Clock,
): Promise<Database> {
  if (databaseUrl !== null) return createPostgres({ url: databaseUrl, logger, clock })
  const lost = () => onLost?.(new Error('The embedded database has ended: start the server again.'))
  return inDataDirectory(dataDir, () => createPglite({ dataDir, logger, clock, onLost: lost }))
}

/** Brings the schema up to date: the first time that the database is asked for anything, so that whatever is wrong with it shows here. */
async function prepare(database: Database, { databaseUrl, dataDir }: Config): Promise<void> {
  try {
    await database.migrate()
  } catch (error) {
    if (error instanceof SchemaTooNewError) throw error
    const which = databaseUrl === null ? `the embedded database in ${dataDir}` : 'the database of DATABASE_URL'
    throw new Error(`Cannot use ${which}: ${reasonOf(error)}`, { cause: error })
  }
}

/** A host with several addresses fails with an error for each and no words of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.message !== '') return error.message
  return reasonOf(error instanceof AggregateError ? error.errors[0] : (error.cause ?? error.name))
}

function createLimiter({ rateLimits }: Config, clock: Clock) {
  return rateLimits === 'off' ? unlimited : createMemoryLimiter({ limits: rateLimits, clock })
}

function createPresence({ messaging }: Config, clock: Clock, logger: Logger): PresenceRegistry {
  return createMemoryPresence({
    clock,
    idleMs: messaging.presenceIdleMs,
    graceMs: messaging.presenceGraceMs,
    onListenerError: error => logger.error({ error }, 'presence listener failed'),
  })
}

function streamOptions({ messaging }: Config): Partial<StreamOptions> {
  return { maxSelectionsPerViewer: messaging.maxSelectionsPerViewer }
}

/** Users and tenants exist from their first valid token on. */
async function enter(store: Store, viewer: Viewer): Promise<Viewer> {
  const { userId: id, name, avatarUrl } = viewer
  try {
    await store.tenant(viewer.tenantId).users.ensure({ id, name, avatarUrl })
    return viewer
  } catch (error) {
    throw error instanceof UnavailableError ? new TokenError('unavailable') : error
  }
}

function presenceHooks(presence: PresenceRegistry): Presence {
  return {
    onConnect: ({ tenantId, userId }, connectionId) => presence.connect(tenantId, userId, connectionId),
    onActivity: ({ tenantId, userId }, connectionId) => presence.touch(tenantId, userId, connectionId),
    onDisconnect: ({ tenantId, userId }, connectionId, clean) =>
      presence.disconnect(tenantId, userId, connectionId, clean),
  }
}

function metricsPage(metrics: Metrics): Page {
  return async (_request, response) => {
    const { type, text } = await metrics.page()
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(text)
  }
}

async function answers(database: Database): Promise<boolean> {
  return database.ping().then(
    () => true,
    () => false,
  )
}
