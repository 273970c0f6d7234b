import { LRUCache } from 'lru-cache'
import { createConversations } from './conversations.ts'
import type { Database } from './database/database.ts'
import { createCommitter } from './log/committer.ts'
import { createHeads } from './log/head.ts'
import { createLogReads } from './log/pages.ts'
import { prune } from './log/prune.ts'
import { createTenantWriter } from './log/writer.ts'
import { createMembers } from './members.ts'
import { createMessages } from './messages.ts'
import { createReceipts } from './receipts.ts'
import { createStoredRevocations } from './revocations.ts'
import type { CommittedBatch, Store, TenantStore } from './store.ts'
import { createTenantReads } from './tenant-reads.ts'
import { createUsers, type EnsuredUsers } from './users.ts'

export interface StoreOptions {
  /** Hears of a listener that threw: what was committed stays committed, and the other listeners hear of it. Default: nobody does. */
  readonly onListenerError?: (error: unknown) => void
}

/** How long a user's row is believed to be there: a database that was put back to an older state may lack it. Milliseconds. */
const ENSURED_MS = 60_000

/** The store over a database whose schema is up to date. Closing it closes the database. */
export function createStore(database: Database, { onListenerError = () => {} }: StoreOptions = {}): Store {
  const listeners: ((tenantId: string, batch: CommittedBatch) => void)[] = []
  const doubters: ((tenantId: string) => void)[] = []
  // A handle that is dropped while its queue drains is still whole: the lock in the database orders it with its successor.
  const tenants = new LRUCache<string, TenantStore>({ max: 10_000, memoMethod: createTenant })
  const committer = createCommitter(database)
  const heads = createHeads(database)
  const ensured: EnsuredUsers = new LRUCache({ max: 100_000, ttl: ENSURED_MS })

  function createTenant(id: string): TenantStore {
    const reads = createTenantReads(database, id)
    const writer = createTenantWriter(committer, id, {
      onCommit: batch => tellAll(listeners, listener => listener(id, batch)),
      onDoubt: () => tellAll(doubters, listener => listener(id)),
    })
    return {
      id,
      log: {
        ...writer,
        ...createLogReads(reads, id),
        prune: (rule, now, step) => prune(database, id, rule, now, step),
      },
      users: createUsers(database, reads, id, ensured),
      conversations: createConversations(reads, id),
      members: createMembers(reads, id),
      messages: createMessages(reads, id),
      receipts: createReceipts(reads, id),
      revocations: createStoredRevocations(reads, id),
    }
  }

  function tellAll<Listener>(all: readonly Listener[], tell: (listener: Listener) => void): void {
    for (const listener of all) {
      try {
        tell(listener)
      } catch (error) {
        onListenerError(error)
      }
    }
  }

  return {
    tenant: id => tenants.memo(id),
    onCommit: listener => {
      listeners.push(listener)
    },
    onDoubt: listener => {
      doubters.push(listener)
    },
    heads: heads.of,
    headsAfter: heads.after,
    get committing() {
      return committer.busy
    },
    ping: () => database.ping(),
    close: () => database.close(),
  }
}
