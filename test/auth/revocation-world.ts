import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest'
import { createRevocations } from '../../src/auth/revocations.ts'
import type { Bus } from '../../src/bus/bus.ts'
import { createMemoryBus } from '../../src/bus/memory.ts'
import { newId } from '../../src/domain/ids.ts'
import type { RevocationTarget } from '../../src/domain/revocation.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { createStore } from '../../src/store/create-store.ts'
import { createPostgres } from '../../src/store/database/postgres.ts'
import type { Store, StoredRevocations } from '../../src/store/store.ts'
import { postgresDatabase, silent, type TestDatabase } from '../support/database.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { createRecordingLogger } from '../support/recording-logger.ts'
import { enrol } from '../support/tenant-fixture.ts'
import { viewerOf } from '../support/world.ts'

export const HOUR = 3_600_000
export const LIFETIME_SECONDS = 86_400

export let postgres: TestDatabase
export let store: Store
beforeAll(async () => {
  postgres = await postgresDatabase()
  const database = createPostgres({ url: postgres.url, logger: silent })
  await database.migrate()
  store = createStore(database)
})
afterAll(async () => {
  await store.close()
  await postgres.close()
})

export let tenantId: string
export let admin: Viewer
/** Ada's tokens: of an hour ago, of an hour from now, and one that does not say when it was issued. */
export let before: Viewer
export let later: Viewer
export let undated: Viewer
beforeEach(async () => {
  tenantId = newId()
  await enrol(store.tenant(tenantId), 'admin')
  admin = viewerOf(tenantId, 'admin')
  const ada = viewerOf(tenantId, 'ada')
  before = { ...ada, issuedAt: Date.now() - HOUR, tokenId: 'old' }
  later = { ...ada, issuedAt: Date.now() + HOUR, tokenId: 'new' }
  undated = ada
})

export const user = (id: string): RevocationTarget => ({ scope: 'user', id })
export const token = (id: string): RevocationTarget => ({ scope: 'token', id })
/** One node more, with a clock that stands still. Nodes that share a bus hear each other. */
export function node({
  bus = createMemoryBus(),
  through = store,
}: {
  readonly bus?: Bus
  readonly through?: typeof store
} = {}) {
  const clock = createManualClock()
  const logger = createRecordingLogger()
  const times = { sweepMs: 2_000, trustMs: 10_000, maxLifetimeSeconds: LIFETIME_SECONDS }
  const revocations = createRevocations({ store: through, bus, clock, logger, ...times })
  onTestFinished(revocations.close)
  const standing = (viewer: Viewer) =>
    revocations.check(viewer).then(
      () => 'good',
      (error: { readonly reason?: string }) => error.reason,
    )
  return { ...revocations, clock, logger, standing }
}

/** Passes what the store says of revocations through `read`. */
export function storeWith(read: <Answer>(ask: () => Promise<Answer>) => Promise<Answer>): typeof store {
  const wrap = (stored: StoredRevocations): StoredRevocations => ({
    of: targets => read(() => stored.of(targets)),
    after: (position, limit) => read(() => stored.after(position, limit)),
  })
  return {
    ...store,
    heads: ids => read(() => store.heads(ids)),
    tenant: id => ({ ...store.tenant(id), revocations: wrap(store.tenant(id).revocations) }),
  }
}
