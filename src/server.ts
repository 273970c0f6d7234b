import { createAuthenticator } from './auth/authenticator.ts'
import { createRevocations, type Revocations } from './auth/revocations.ts'
import { TokenError } from './auth/token-error.ts'
import type { Bus } from './bus/bus.ts'
import { keyMaterial } from './config/key-material.ts'
import type { Config } from './config.ts'
import { type Clock, systemClock } from './domain/clock.ts'
import { type NewId, newId } from './domain/ids.ts'
import type { Viewer } from './domain/viewer.ts'
import { createEngine, type Engine } from './graphql/engine.ts'
import type { Logger } from './observe/logger.ts'
import { createMetrics, type Metrics } from './observe/metrics.ts'
import type { PresenceRegistry } from './presence/presence.ts'
import { openDatabase, prepareDatabase } from './server/databases.ts'
import { createParts, type Parts } from './server/parts.ts'
import { startRetention } from './server/retention.ts'
import { openShared, type Shared } from './server/shared.ts'
import { createServices } from './services/create-services.ts'
import { createStore } from './store/create-store.ts'
import { type Database, UnavailableError } from './store/database/database.ts'
import type { Store } from './store/store.ts'
import { createStreams } from './stream/create-streams.ts'
import type { StreamOptions } from './stream/options.ts'
import type { Streams } from './stream/streams.ts'
import type { Page } from './transport/http/http.ts'
import type { Presence } from './transport/presence-hooks.ts'
import { createTransport } from './transport/transport.ts'

/** What a test may put in the place of the machine's own. */
export interface Surroundings {
  readonly logger: Logger
  readonly clock?: Clock
  readonly newId?: NewId
  /** Stands between the server and its bus, which stays the server's to close. */
  readonly bus?: (bus: Bus) => Bus
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
  const parts = createParts()
  try {
    return await assemble(config, { clock: systemClock, newId, onLost: () => {}, ...surroundings }, parts)
  } catch (error) {
    // Why it did not start is what its caller needs to hear.
    await parts.close().catch(failure => surroundings.logger.error({ error: failure }, 'a part did not end cleanly'))
    throw error
  }
}

type Around = Surroundings & Required<Pick<Surroundings, 'clock' | 'newId' | 'onLost'>>

async function assemble(config: Config, around: Around, parts: Parts): Promise<RunningServer> {
  const { stop } = around
  const keys = await keyMaterial(config)
  const database = parts.keep(await openDatabase(config, around))
  stop?.throwIfAborted()
  await prepareDatabase(database, config)
  stop?.throwIfAborted()
  const onListenerError = (error: unknown) => around.logger.error({ error }, 'a listener failed at a commit')
  const store = createStore(database, { onListenerError })
  parts.keep(startRetention({ store, clock: around.clock, logger: around.logger, retention: config.retention }))
  const metrics = parts.keep(createMetrics())
  countCommits(store, metrics)
  const shared = openAround(config, around, parts)
  const revocations = parts.keep(openRevocations(config, around, { store, ...shared }))
  const streams = openStreams(config, around, parts, { store, ...shared })
  const engine = assembleEngine(config, around, parts, { store, streams, revocations, ...shared })
  const { clock, logger, newId: makeId } = around
  const authenticator = createAuthenticator({ ...config.tokens, keys, clock, logger })
  const transport = parts.keep(
    createTransport({
      engine,
      authenticate: async token => enter(store, revocations, await authenticator.verify(token)),
      watchToken: revocations.watch,
      presence: presenceHooks(shared.presence),
      clock,
      newId: makeId,
      logger,
      ready: () => answers(database, clock),
      committing: () => store.committing || streams.expecting,
      options: config.transport,
      pages: new Map([['/metrics', metricsPage(metrics)]]),
    }),
  )
  metrics.watchSockets(() => transport.sockets)
  metrics.watchBus(() => shared.bus.connected)
  const url = await transport.listen(config.port, config.host)
  return { url, store, close: parts.close }
}

function openAround(config: Config, around: Around, parts: Parts): Shared {
  const shared = openShared(config, around, parts)
  return around.bus === undefined ? shared : { ...shared, bus: around.bus(shared.bus) }
}

function openStreams(
  config: Config,
  { clock, logger }: Around,
  { keep }: Parts,
  { store, bus }: Pick<Shared, 'bus'> & { readonly store: Store },
): Streams {
  const streams = keep(createStreams({ store, bus, clock, logger, options: streamOptions(config) }))
  store.onCommit((tenantId, batch) => streams.apply(tenantId, batch))
  store.onDoubt(tenantId => streams.doubt(tenantId))
  return streams
}

interface Below extends Shared {
  readonly store: Store
  readonly streams: Streams
  readonly revocations: Revocations
}

/** What stands between the streams and the transport. */
function assembleEngine(
  config: Config,
  { clock, logger, newId: makeId }: Around,
  { keep }: Parts,
  below: Below,
): Engine {
  const { store, streams, revocations, bus, limiter, presence } = below
  const limits = config.messaging
  const services = keep(createServices({ store, streams, bus, presence, revocations, clock, newId: makeId, limits }))
  const production = config.environment === 'production'
  return createEngine({ services, store, limiter, logger, limits: config.gate, production })
}

function countCommits(store: Store, metrics: Metrics): void {
  store.onCommit((_, { events, receipts }) => {
    metrics.events.inc(events.length)
    metrics.receipts.inc(receipts.length)
  })
}

function streamOptions({ messaging }: Config): Partial<StreamOptions> {
  return { maxSelectionsPerViewer: messaging.maxSelectionsPerViewer }
}

function openRevocations(
  { revocations, tokens: { maxLifetimeSeconds } }: Config,
  { clock, logger }: Around,
  { store, bus }: Pick<Shared, 'bus'> & { readonly store: Store },
): Revocations {
  return createRevocations({ store, bus, clock, logger, maxLifetimeSeconds, ...revocations })
}

/** Users and tenants exist from their first valid token on: one that is not revoked. */
async function enter(store: Store, revocations: Revocations, viewer: Viewer): Promise<Viewer> {
  const { userId: id, name, avatarUrl } = viewer
  await revocations.check(viewer)
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

/** A database that says nothing is away: whoever asks has to know within a load balancer's patience. */
const READY_MS = 2_000

async function answers(database: Database, clock: Clock): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const cancel = clock.after(READY_MS, () => resolve(false))
  database.ping().then(
    () => resolve(true),
    () => resolve(false),
  )
  return promise.finally(cancel)
}
