import { expect, test } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import { command } from '../../../src/store/command.ts'
import { addMembers } from '../../../src/store/commands/change-members.ts'
import { toSend } from '../../../src/store/commands/send-message.ts'
import { createStore } from '../../../src/store/create-store.ts'
import { type Database, UnavailableError } from '../../../src/store/database/database.ts'
import type { CommittedBatch, Store, TenantStore } from '../../../src/store/store.ts'
import { conversationOf, draft, enrol, removeFrom, say } from '../../support/tenant-fixture.ts'

/** What the log of record promises to tell of each commit. `open` gives a store of the database. */
export function describeCommits(open: () => Promise<Store>, openDatabase: () => Promise<Database>): void {
  async function tenantOf(store: Store, ...users: readonly string[]): Promise<TenantStore> {
    const tenant = store.tenant(newId())
    await enrol(tenant, ...users)
    return tenant
  }

  test('each batch says the place that it follows, and the head the mark of the last event', async () => {
    const store = await open()
    const tenant = await tenantOf(store, 'alice', 'bob', 'eve')
    const batches: CommittedBatch[] = []
    store.onCommit((_, batch) => batches.push(batch))
    let place = await tenant.log.head()
    const room = await conversationOf(tenant, ['alice'])
    const actor = { actorId: 'alice', actorRole: 'OWNER' as const, maxMembers: 9 }
    await tenant.log.submit(command(addMembers, { conversationId: room, ...actor, userIds: ['bob', 'eve'] }))
    await Promise.all(countTo(5).map(() => say(tenant, room, 'alice')))
    await removeFrom(tenant, room, 'alice', 'bob')
    for (const { after, events } of batches) {
      expect(after).toEqual(place)
      const { position, mark } = events.at(-1) ?? after
      place = { position, mark }
    }
    expect(await tenant.log.head()).toEqual(place)
    const { events } = await tenant.log.after(0, 100)
    expect(new Set(events.map(({ mark }) => mark)).size).toBe(9)
    for (const { position, mark } of events) expect(await tenant.log.after(position, 1)).toMatchObject({ mark })
    expect(await tenant.log.after(10, 1)).toMatchObject({ mark: null, events: [] })
  })

  test('a batch says whether more of its tenant waits', async () => {
    const database = await openDatabase()
    let onCommit = () => {}
    const store = createStore({
      ...database,
      commit(statements, pipeline) {
        onCommit()
        return database.commit(statements, pipeline)
      },
    })
    const tenant = await tenantOf(store, 'alice')
    const room = await conversationOf(tenant, ['alice'])
    const heard: CommittedBatch[] = []
    store.onCommit((_, batch) => heard.push(batch))
    const underWay = new Promise<void>(resolve => {
      onCommit = resolve
    })
    const first = say(tenant, room, 'alice')
    await underWay
    await Promise.all([first, say(tenant, room, 'alice'), say(tenant, room, 'alice')])
    expect(heard.map(({ events, more }) => [events.length, more])).toEqual([
      [1, true],
      [2, false],
    ])
  })

  test('commits are told in their order, and what each is followed by, also when a command fails among them', async () => {
    const database = await openDatabase()
    const store = createStore(database)
    const tenant = await tenantOf(store, 'alice')
    const room = await conversationOf(tenant, ['alice'])
    const heard: CommittedBatch[] = []
    const answered: number[] = []
    store.onCommit((_, batch) => heard.push(batch))
    const send = (n: number) => {
      const content = n === 150 ? 'nul: \0' : `${n}`
      const sent = tenant.log.submit(toSend(draft(room, 'alice', { content })))
      return sent.catch(() => undefined).finally(() => answered.push(n))
    }
    const first = countTo(100).map(send)
    await new Promise(resolve => setImmediate(resolve))
    await Promise.all([...first, ...countTo(100).map(n => send(100 + n))])
    expect(heard.flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual(countTo(199).map(n => n + 1))
    expect(answered).toEqual(countTo(200))
    expect(heard.map(({ more }) => more)).toEqual(heard.map((_, nth) => nth < heard.length - 1))
  })

  test('listeners hear of a commit before its commands resolve', async () => {
    const store = await open()
    const tenant = await tenantOf(store, 'alice')
    const room = await conversationOf(tenant, ['alice'])
    const heard: CommittedBatch[] = []
    store.onCommit((_, batch) => heard.push(batch))
    const message = await say(tenant, room, 'alice', 'hello')
    expect(heard.map(batch => batch.events.map(event => event.made?.()?.message.id))).toEqual([[message.id]])
  })

  test('a commit says who sent its messages as they were then', async () => {
    const store = await open()
    const tenant = await tenantOf(store, 'alice')
    const room = await conversationOf(tenant, ['alice'])
    const heard: CommittedBatch[] = []
    store.onCommit((_, batch) => heard.push(batch))
    for (const name of ['Alice', 'Alice B.']) {
      await tenant.users.ensure({ id: 'alice', name, avatarUrl: 'https://pictures.example/alice' })
      await say(tenant, room, 'alice')
    }
    const senders = heard.flatMap(batch => batch.events.map(event => event.made?.()?.sender))
    expect(senders).toEqual(
      ['Alice', 'Alice B.'].map(name => ({ id: 'alice', name, avatarUrl: 'https://pictures.example/alice' })),
    )
  })

  test('a listener that fails fails neither the commit nor the other listeners', async () => {
    const failures: unknown[] = []
    const store = createStore(await openDatabase(), { onListenerError: error => failures.push(error) })
    const tenant = await tenantOf(store, 'alice')
    const room = await conversationOf(tenant, ['alice'])
    const heard: CommittedBatch[] = []
    const fault = new Error('a fault of the listener')
    store.onCommit(() => {
      throw fault
    })
    store.onCommit((_, batch) => heard.push(batch))
    const message = await say(tenant, room, 'alice')
    expect(heard.map(batch => batch.events.map(event => event.made?.()?.message.id))).toEqual([[message.id]])
    expect(failures).toEqual([fault])
  })

  test('marks are of one event each', async () => {
    const tenant = await tenantOf(await open(), 'alice')
    const room = await conversationOf(tenant, ['alice'])
    await Promise.all(countTo(50).map(() => say(tenant, room, 'alice')))
    const { events } = await tenant.log.after(0, 100)
    expect(new Set(events.map(event => event.mark)).size).toBe(51)
  })

  test('a store is committing from a command until it is answered, refused or not', async () => {
    const database = await openDatabase()
    let refuses = false
    const store = createStore({
      ...database,
      commit: async (statements, pipeline) => {
        if (refuses) throw new UnavailableError('away')
        return database.commit(statements, pipeline)
      },
    })
    const tenant = await tenantOf(store, 'alice')
    const room = await conversationOf(tenant, ['alice'])
    expect(store.committing).toBe(false)
    const answered = say(tenant, room, 'alice')
    expect(store.committing).toBe(true)
    await new Promise(resolve => setImmediate(resolve)) // until it is under way
    expect(store.committing).toBe(true)
    await answered
    expect(store.committing).toBe(false)
    refuses = true
    await expect(say(tenant, room, 'alice')).rejects.toThrow(UnavailableError)
    expect(store.committing).toBe(false)
  })
}

function countTo(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index + 1)
}
