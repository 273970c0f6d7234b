import { newId } from '../../src/domain/ids.ts'
import { createStore } from '../../src/store/create-store.ts'
import type { Database, Statement } from '../../src/store/database/database.ts'
import type { Store, TenantStore } from '../../src/store/store.ts'
import { conversationOf, enrol } from './tenant-fixture.ts'

export interface Place {
  readonly tenant: TenantStore
  readonly room: string
}

/** Tenants that share transactions: a database that takes one transaction at a time makes all who come at once share one. */
export function createCrowds(open: () => Promise<Database>) {
  async function watched(writers: number) {
    const database = await open()
    const committed: Promise<unknown>[] = []
    const sent: (readonly Statement[])[] = []
    const commit: Database['commit'] = (statements, pipeline) => {
      const result = database.commit(statements, pipeline)
      committed.push(result)
      sent.push(statements)
      return result
    }
    return { database: { ...database, writers, commit }, committed, sent }
  }

  async function places(store: Store, count: number): Promise<readonly Place[]> {
    const made: Place[] = []
    for (let n = 0; n < count; n++) {
      const tenant = store.tenant(newId())
      await enrol(tenant, 'alice', 'bob')
      made.push({ tenant, room: await conversationOf(tenant, ['alice', 'bob']) })
    }
    return made
  }

  async function crowd(count: number, writers = 1) {
    const { database, committed, sent } = await watched(writers)
    const store = createStore(database)
    const crowd = await places(store, count)
    committed.length = 0
    sent.length = 0
    return { store, crowd, committed, sent }
  }

  return { watched, places, crowd }
}
