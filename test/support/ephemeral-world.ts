import { randomUUID } from 'node:crypto'
import { expect, vi } from 'vitest'
import { createMemoryBus } from '../../src/bus/memory.ts'
import { systemClock } from '../../src/domain/clock.ts'
import type { RequestError } from '../../src/domain/errors.ts'
import { newId } from '../../src/domain/ids.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import { createConversationService } from '../../src/services/conversations.ts'
import { createMemberService } from '../../src/services/members.ts'
import type { Live } from '../../src/services/services.ts'
import { createStore } from '../../src/store/create-store.ts'
import { createPostgres } from '../../src/store/database/postgres.ts'
import { createStreams } from '../../src/stream/create-streams.ts'
import type { Streams } from '../../src/stream/streams.ts'
import { postgresDatabase, silent } from './database.ts'
import { createManualClock } from './manual-clock.ts'
import { enrol } from './tenant-fixture.ts'

/** What one subscription is shown, as its client would read it. */
export interface Listening extends Live<unknown> {
  /** Each result, parsed. */
  readonly items: readonly Record<string, unknown>[]
  /** How it ended; empty while it goes on. */
  readonly ends: readonly (RequestError | undefined)[]
  /** Waits until exactly these have been shown, each given by the part that counts. */
  sees(expected: readonly object[]): Promise<void>
}

/** A store on a Postgres of its own, a bus, and a clock that stands still. Nodes are made of them. */
export async function openWorld() {
  const postgres = await postgresDatabase()
  const database = createPostgres({ url: postgres.url, logger: silent })
  await database.migrate()
  const store = createStore(database)
  const nodes: Streams[] = []
  const limits = { maxConversationMembers: 1_000, maxMetadataBytes: 8_192 }
  return {
    store,
    bus: createMemoryBus(),
    clock: createManualClock(),
    newId,
    conversations: createConversationService({ store, newId, limits }),
    members: createMemberService({ store, limits }),
    /** The live half of one more node, which hears of every commit. */
    node() {
      const streams = createStreams({ store, bus: createMemoryBus(), clock: systemClock, logger: silent })
      store.onCommit(streams.apply)
      nodes.push(streams)
      return streams
    },
    async close() {
      for (const streams of nodes) await streams.close()
      await store.close()
      await postgres.close()
    },
  }
}

/** Users of a tenant of its own, who exist in the store. */
export async function newTenant(world: { store: ReturnType<typeof createStore> }, ...userIds: readonly string[]) {
  const tenantId = randomUUID()
  await enrol(world.store.tenant(tenantId), ...userIds)
  return (userId: string): Viewer => ({
    tenantId,
    userId,
    name: null,
    avatarUrl: null,
    roles: [],
    expiresAt: Number.MAX_SAFE_INTEGER,
    issuedAt: null,
    tokenId: null,
  })
}

export function listening({ userId }: Viewer): Listening {
  const items: Record<string, unknown>[] = []
  const ends: (RequestError | undefined)[] = []
  return {
    items,
    ends,
    selection: { key: 'all', render: source => ({ json: JSON.stringify(source), position: null }) },
    sink: {
      userId,
      write({ json }) {
        items.push(JSON.parse(json))
        return true
      },
      onDrain: resume => resume(),
      end: error => ends.push(error),
    },
    sees: expected =>
      vi.waitFor(() => expect(items).toEqual(expected.map(part => expect.objectContaining(part))), { interval: 5 }),
  }
}
