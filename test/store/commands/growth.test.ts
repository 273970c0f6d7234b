import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import type { MessageRecord } from '../../../src/domain/records.ts'
import { type Command, command } from '../../../src/store/command.ts'
import { advanceReceipt } from '../../../src/store/commands/advance-receipts.ts'
import { deleteMessage, editMessage } from '../../../src/store/commands/change-message.ts'
import { reportFailure } from '../../../src/store/commands/report-failure.ts'
import { sendMessage } from '../../../src/store/commands/send-message.ts'
import { createStore } from '../../../src/store/create-store.ts'
import type { Statement } from '../../../src/store/database/database.ts'
import { planBatch } from '../../../src/store/log/batch.ts'
import { asTenant } from '../../../src/store/session.ts'
import type { TenantStore } from '../../../src/store/store.ts'
import { describeDatabases, type OpenDatabase } from '../../support/database.ts'
import { conversationOf, draft, enrol, say } from '../../support/tenant-fixture.ts'

/** Entries of indexes and rows of tables that the session has gone through, since it last told anybody. */
const GONE_THROUGH: Statement = {
  name: 'gone_through',
  text: `SELECT sum(pg_stat_get_xact_tuples_returned(oid))::int AS total FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'i')`,
  values: [],
}
const PEOPLE = ['alice', 'bob']
/** A session settles on a plan after it has run a statement five times. */
const RUNS_TO_SETTLE = 6

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
    for (let run = 0; run < RUNS_TO_SETTLE; run++) {
      for (const [, make] of commands)
        await goneThrough(await Promise.all([said(), said()].map(async m => make(await m))))
    }
    const made = Array.from({ length: 100 }, () => conversationOf(tenant, PEOPLE))
    rooms = await Promise.all(made)
    for (let round = 0; round < 3; round++) await Promise.all(rooms.map(room => say(tenant, room, 'alice')))
  })
  afterAll(() => opened.close())

  function said(): Promise<MessageRecord> {
    return say(tenant, rooms[Math.floor(rooms.length / 2)] ?? '', 'alice')
  }

  async function goneThrough(batch: readonly Command<unknown>[]): Promise<number> {
    const { statements } = planBatch(tenant.id, batch)
    const all = [GONE_THROUGH, asTenant(tenant.id), ...statements, GONE_THROUGH]
    const results = await opened.database.commit(all)
    return Number(results.at(-1)?.[0]?.['total']) - Number(results[0]?.[0]?.['total'])
  }

  type Make = (message: MessageRecord) => Command<unknown>
  const place = ({ conversationId, id, seq }: MessageRecord) => ({ conversationId, messageId: id, seq, userId: 'bob' })
  const commands: readonly (readonly [string, Make])[] = [
    ['a send', m => command(sendMessage, draft(m.conversationId, 'bob'))],
    ['a reply', m => command(sendMessage, draft(m.conversationId, 'bob', { replyToId: m.id }))],
    ['a send with mentions', m => command(sendMessage, draft(m.conversationId, 'bob', { mentions: PEOPLE }))],
    ['an edit', m => command(editMessage, { messageId: m.id, actorId: 'alice', content: 'edited', version: 1 })],
    ['a deletion', m => command(deleteMessage, { messageId: m.id, actorId: 'alice' })],
    ['a receipt', m => command(advanceReceipt, { ...place(m), read: true, historyMaxMembers: 100 })],
    ['a failure', m => command(reportFailure, { ...place(m), userId: 'alice', reason: 'lost' })],
  ]

  test.each(commands)('goes through few rows, however many the tenant has: %s', async (_, make) => {
    expect(await goneThrough([make(await said())])).toBeLessThan(20)
  })
})
