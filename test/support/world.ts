import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { createRevocations } from '../../src/auth/revocations.ts'
import { createMemoryBus } from '../../src/bus/memory.ts'
import { systemClock } from '../../src/domain/clock.ts'
import { Refusal, type RefusalCode } from '../../src/domain/errors.ts'
import type { EventRecord } from '../../src/domain/event.ts'
import { newId } from '../../src/domain/ids.ts'
import type { PageRequest } from '../../src/domain/page.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { createMemoryPresence } from '../../src/presence/memory.ts'
import { createServices, type ServiceLimits } from '../../src/services/create-services.ts'
import { createStore } from '../../src/store/create-store.ts'
import type { Database } from '../../src/store/database/database.ts'
import { createPglite } from '../../src/store/database/pglite.ts'
import { asTenant } from '../../src/store/session.ts'
import type { Store, TenantLog, TenantStore } from '../../src/store/store.ts'
import { createStreams } from '../../src/stream/create-streams.ts'
import { type OpenDatabase, pgliteDirectory, silent } from './database.ts'
import { enrol } from './tenant-fixture.ts'

const LIMITS: ServiceLimits = {
  maxContentCodePoints: 10_000,
  maxMetadataBytes: 8_192,
  maxSignalBytes: 32_768,
  maxConversationMembers: 10_000,
  receiptHistoryMaxMembers: 100,
  presenceTenantMaxUsers: 1_000,
  typingTtlMs: 10_000,
}

const REVOCATION = { sweepMs: 2_000, trustMs: 10_000, maxLifetimeSeconds: 86_400 }

export type World = Awaited<ReturnType<typeof openWorld>>

/** Every service as the server puts them together, over a store of their own: embedded, unless another is opened. */
export async function openWorld(open: () => Promise<OpenDatabase> = openEmbedded) {
  const { database, close } = await open()
  const store = createStore(database)
  const clock = systemClock
  const bus = createMemoryBus()
  const streams = createStreams({ store, bus, clock, logger: silent })
  store.onCommit((tenantId, batch) => streams.apply(tenantId, batch))
  store.onDoubt(tenantId => streams.doubt(tenantId))
  const presence = createMemoryPresence({ clock, idleMs: 300_000, graceMs: 15_000 })
  const closers: (() => Promise<void>)[] = []

  function services(limits: Partial<ServiceLimits> = {}, through: Store = store) {
    const revocations = createRevocations({ store: through, bus, clock, logger: silent, ...REVOCATION })
    const parts = { store: through, streams, bus, presence, revocations, clock, newId }
    const made = createServices({ ...parts, limits: { ...LIMITS, ...limits } })
    closers.push(made.close, revocations.close)
    return made
  }

  return {
    ...services(),
    store,
    /** The same services under other limits. */
    limitedTo: (limits: Partial<ServiceLimits>) => services(limits),
    over,
    interrupted,
    people,
    tenantOf: (viewer: Viewer) => store.tenant(viewer.tenantId),
    events,
    story,
    refuses,
    async close() {
      for (const end of closers) await end()
      await presence.close()
      await streams.close()
      await close()
    },
  }

  /** The same services, but `happens` comes between their first decision and the write that rests on it. */
  function interrupted({ tenantId }: Viewer, happens: () => Promise<unknown>) {
    const { submit } = store.tenant(tenantId).log
    let pending: typeof happens | undefined = happens
    return over(async command => {
      const first = pending
      pending = undefined
      await first?.()
      return submit(command)
    })
  }

  /** The same services, whose writes go through `submit`. */
  function over(submit: TenantLog['submit']) {
    return services({}, { ...store, tenant: id => withSubmit(store.tenant(id), submit) })
  }

  /** Five users of a tenant that nobody else has. */
  async function people(tenantId: string = randomUUID()) {
    await enrol(store.tenant(tenantId), 'ada', 'bob', 'cyd', 'dan', 'eve')
    const viewer = (userId: string) => viewerOf(tenantId, userId)
    return { ada: viewer('ada'), bob: viewer('bob'), cyd: viewer('cyd'), dan: viewer('dan'), eve: viewer('eve') }
  }

  /** The tenant's log, or one conversation's part of it, whoever may see it. */
  async function events({ tenantId }: Viewer, conversationId?: string): Promise<readonly EventRecord[]> {
    const { events: found } = await store.tenant(tenantId).log.after(0, 100_000)
    return conversationId === undefined ? found : found.filter(event => event.conversationId === conversationId)
  }

  /** What the conversation's log says, as `MessageSent 2`: each kind with its seq. */
  async function story(viewer: Viewer, conversationId: string): Promise<readonly string[]> {
    return (await events(viewer, conversationId)).map(({ kind, seq }) => `${kind} ${seq}`)
  }

  /**
   * Expects the call to be refused with that code at that field of the input (null: at none), and not one row of the tenant to be another
   * afterwards. Returns all that the caller is told.
   */
  async function refuses(
    { tenantId }: Viewer,
    [code, field]: readonly [RefusalCode, string | null],
    call: () => Promise<unknown>,
  ): Promise<Told> {
    const before = await rowsOf(database, tenantId)
    const told = await toldBy(call)
    expect(told).toMatchObject({ code, field: field === null ? null : ['input', field] })
    expect(await rowsOf(database, tenantId)).toEqual(before)
    return told
  }
}

function withSubmit(tenant: TenantStore, submit: TenantLog['submit']): TenantStore {
  return { ...tenant, log: { ...tenant.log, submit } }
}

/** All that a caller is told by a refusal. */
interface Told {
  readonly code: string
  readonly field: readonly string[] | null
  readonly message: string
}

/** Fails unless the call is refused. */
export async function toldBy(call: () => Promise<unknown>): Promise<Told> {
  const outcome = await call().then(
    answer => ({ answer }),
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(Refusal)
  if (!(outcome instanceof Refusal)) throw outcome
  const { code, field, message } = outcome
  return { code, field, message }
}

export function viewerOf(tenantId: string, userId: string): Viewer {
  return {
    tenantId,
    userId,
    name: userId,
    avatarUrl: null,
    roles: [],
    expiresAt: Number.MAX_SAFE_INTEGER,
    issuedAt: null,
    tokenId: null,
  }
}

/** The first `count` of a list, or of what follows a cursor of it. */
export function forward(count = 100, cursor: PageRequest['cursor'] = null): PageRequest {
  return { direction: 'forward', count, cursor }
}

/** The last `count` of a list, or of what precedes a cursor of it. */
export function backward(count = 100, cursor: PageRequest['cursor'] = null): PageRequest {
  return { direction: 'backward', count, cursor }
}

/** 1, 2, 3 … n. */
export function countTo(n: number): readonly number[] {
  return Array.from({ length: n }, (_, index) => index + 1)
}

async function openEmbedded(): Promise<OpenDatabase> {
  const { path, close } = await pgliteDirectory()
  const database = await createPglite({ dataDir: path, logger: silent, clock: systemClock })
  await database.migrate()
  return {
    database,
    async close() {
      await database.close()
      await close()
    },
  }
}

const TABLES = [
  'tenant_head',
  '"user"',
  'conversation',
  'member',
  'message',
  'event',
  'idempotency_key',
  'receipt',
  'revocation',
] as const

/** A digest of all that is stored of a tenant, a row for each table. */
async function rowsOf(database: Database, tenantId: string): Promise<unknown> {
  const digests = TABLES.map(
    table => `
SELECT '${table}' AS rows_of, count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) AS digest FROM ${table} t`,
  )
  const text = digests.join(' UNION ALL')
  const [, rows] = await database.read([asTenant(tenantId), { name: 'digest_of_tenant', text, values: [] }])
  return rows
}
