import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import type { MessageRecord } from '../../../src/domain/records.ts'
import { type Command, command } from '../../../src/store/command.ts'
import { advanceReceipt } from '../../../src/store/commands/advance-receipts.ts'
import { deleteMessage, editMessage } from '../../../src/store/commands/change-message.ts'
import { reportFailure } from '../../../src/store/commands/report-failure.ts'
import { toSend } from '../../../src/store/commands/send-message.ts'
import { createStore } from '../../../src/store/create-store.ts'
import { planBatch } from '../../../src/store/log/batch.ts'
import { lockedHeadsStatement } from '../../../src/store/log/head.ts'
import { asTenant, asTenants } from '../../../src/store/session.ts'
import type { Store, TenantStore } from '../../../src/store/store.ts'
import { describeDatabases, type OpenDatabase } from '../../support/database.ts'
import { goneThrough } from '../../support/gone-through.ts'
import { conversationOf, draft, enrol, say } from '../../support/tenant-fixture.ts'

const PEOPLE = ['alice', 'bob']
// A session keeps the plan that it made when the tables were empty, until somebody analyses them.
describeDatabases('A command whose plan was made on empty tables', open => {
  let opened: OpenDatabase
  let tenant: TenantStore
  let rooms: string[]
  beforeAll(async () => {
    opened = await open()
    tenant = createStore(opened.database).tenant(newId())
    await enrol(tenant, ...PEOPLE)
    rooms = [await conversationOf(tenant, PEOPLE)]
    for (const [, make] of commands) await cost(await Promise.all([said(), said()].map(async m => make(await m))))
    const made = Array.from({ length: 100 }, () => conversationOf(tenant, PEOPLE))
    rooms = await Promise.all(made)
    for (let round = 0; round < 3; round++) await Promise.all(rooms.map(room => say(tenant, room, 'alice')))
  })
  afterAll(() => opened.close())

  function said(): Promise<MessageRecord> {
    return say(tenant, rooms[Math.floor(rooms.length / 2)] ?? '', 'alice')
  }

  function cost(batch: readonly Command<unknown>[]): Promise<number> {
    const { statements } = planBatch(tenant.id, batch)
    return goneThrough(opened.database.commit, [asTenant(tenant.id), ...statements])
  }

  type Make = (message: MessageRecord) => Command<unknown>
  const place = ({ conversationId, id, seq }: MessageRecord) => ({ conversationId, messageId: id, seq, userId: 'bob' })
  const commands: readonly (readonly [string, Make])[] = [
    ['a send', m => toSend(draft(m.conversationId, 'bob'))],
    ['a reply', m => toSend(draft(m.conversationId, 'bob', { replyToId: m.id }))],
    ['a send with mentions', m => toSend(draft(m.conversationId, 'bob', { mentions: PEOPLE }))],
    ['an edit', m => command(editMessage, { messageId: m.id, actorId: 'alice', content: 'edited', version: 1 })],
    ['a deletion', m => command(deleteMessage, { messageId: m.id, actorId: 'alice' })],
    ['a receipt', m => command(advanceReceipt, { ...place(m), read: true, historyMaxMembers: 100 })],
    ['a failure', m => command(reportFailure, { ...place(m), userId: 'alice', reason: 'lost' })],
  ]

  test.each(commands)('goes through few rows, however many the tenant has: %s', async (_, make) => {
    expect(await cost([make(await said())])).toBeLessThan(20)
  })
})

const TENANTS = 4

describeDatabases('Sends of several tenants whose plan was made on empty tables', open => {
  let opened: OpenDatabase
  const places: { readonly tenant: TenantStore; readonly rooms: string[] }[] = []
  beforeAll(async () => {
    opened = await open()
    const store = createStore(opened.database)
    for (let n = 0; n < TENANTS; n++) places.push(await place(store, 1))
    await cost()
    for (const { tenant, rooms } of places) {
      rooms.push(...(await Promise.all(Array.from({ length: 100 }, () => conversationOf(tenant, PEOPLE)))))
      for (let round = 0; round < 3; round++) await Promise.all(rooms.map(room => say(tenant, room, 'alice')))
    }
    for (let n = 0; n < 100; n++) await place(store, 1)
  })
  afterAll(() => opened.close())

  async function place(store: Store, count: number) {
    const tenant = store.tenant(newId())
    await enrol(tenant, ...PEOPLE)
    return { tenant, rooms: await Promise.all(Array.from({ length: count }, () => conversationOf(tenant, PEOPLE))) }
  }

  async function cost(): Promise<number> {
    const inputs = await Promise.all(
      places.map(async ({ tenant, rooms }) => {
        const message = await say(tenant, rooms[Math.floor(rooms.length / 2)] ?? '', 'alice')
        const { input } = toSend(draft(message.conversationId, 'bob', { replyToId: message.id, mentions: PEOPLE }))
        return { tenantId: tenant.id, input }
      }),
    )
    const ids = inputs.map(({ tenantId }) => tenantId).toSorted()
    const statements = [
      asTenants(ids),
      lockedHeadsStatement(ids),
      toSend(draft('', '')).kind.together?.(inputs) ?? lockedHeadsStatement(ids),
    ]
    return goneThrough(opened.database.commit, statements)
  }

  test('goes through few rows for each, however many there are and however many tenants', async () => {
    expect(await cost()).toBeLessThan(20 * TENANTS)
  })
})
