import { createAuthenticator } from './auth/authenticator.ts'
import type { KeyMaterial } from './auth/keys.ts'
import { TokenError } from './auth/token-error.ts'
import { createMemoryBus } from './bus/memory.ts'
import { developmentSecret } from './config/development-secret.ts'
import { type Config, ConfigError } from './config.ts'
import { type Clock, systemClock } from './domain/clock.ts'
import { type NewId, newId } from './domain/ids.ts'
import type { Viewer } from './domain/viewer.ts'
import { createEngine } from './graphql/engine.ts'
import { createMemoryLimiter } from './limits/memory.ts'
import { unlimited } from './limits/unlimited.ts'
import type { Logger } from './observe/logger.ts'
import { createMemoryPresence } from './presence/memory.ts'
import type { PresenceRegistry } from './presence/presence.ts'
import { createServices } from './services/create-services.ts'
import { createStore } from './store/create-store.ts'
import { type Database, UnavailableError } from './store/database.ts'
import { createPglite } from './store/pglite.ts'
import { createPostgres } from './store/postgres.ts'
import type { Store } from './store/store.ts'
import { createStreams } from './stream/create-streams.ts'
import type { Presence } from './transport/presence-hooks.ts'
import { createTransport } from './transport/transport.ts'

/** What a test may put in the place of the machine's own. */
export interface Surroundings {
  readonly logger: Logger
  readonly clock?: Clock
  readonly newId?: NewId
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
  const { logger, clock = systemClock, newId: makeId = newId } = surroundings
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
    const database = keep(await openDatabase(config, logger, clock))
    await database.migrate()
    const store = createStore(database)
    const streams = keep(createStreams({ store, clock, logger, options: streamOptions(config) }))
    store.onCommit((tenantId, batch) => streams.apply(tenantId, batch))
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
      }),
    )
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

/** The configured keys, else the development secret of the data directory. */
export async function keyMaterial(config: Config): Promise<KeyMaterial> {
  return config.tokens.keys ?? { kind: 'secret', secret: await developmentSecret(config.dataDir) }
}

function openDatabase({ databaseUrl, dataDir }: Config, logger: Logger, clock: Clock): Database | Promise<Database> {
  return databaseUrl === null
    ? createPglite({ dataDir, logger, clock })
    : createPostgres({ url: databaseUrl, logger, clock })
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

function streamOptions({ messaging }: Config) {
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

async function answers(database: Database): Promise<boolean> {
  return database.ping().then(
    () => true,
    () => false,
  )
}
