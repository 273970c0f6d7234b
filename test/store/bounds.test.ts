import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { MessageRecord } from '../../src/domain/records.ts'
import { createStore } from '../../src/store/create-store.ts'
import type { TenantStore } from '../../src/store/store.ts'
import { describeDatabases, type OpenDatabase } from '../support/database.ts'
import { conversationOf, enrol, say } from '../support/tenant-fixture.ts'

/** From the least id to the greatest that a token can carry. */
const IDS = ['!', 'alice', '\u{10ffff}'.repeat(255)]

describeDatabases('a list without a cursor', open => {
  let opened: OpenDatabase
  let tenant: TenantStore
  let room: string
  let said: MessageRecord
  beforeAll(async () => {
    opened = await open()
    tenant = createStore(opened.database).tenant(newId())
    await enrol(tenant, 'sender', ...IDS)
    room = await conversationOf(tenant, ['sender', ...IDS], { kind: 'PUBLIC' })
    said = await say(tenant, room, 'sender')
  })
  afterAll(() => opened.close())

  test.each(['forward', 'backward'] as const)('leaves nothing out at its ends, read %s', async direction => {
    const all = { direction, count: 10, cursor: null }
    const idsOf = (items: readonly { readonly userId: string }[]) => items.map(({ userId }) => userId)
    const [first = '', second = '', last = ''] = IDS
    expect(idsOf((await tenant.members.ofConversation(room, all)).items)).toEqual([first, second, 'sender', last])
    expect(idsOf((await tenant.receipts.ofMessage(said, all)).items)).toEqual(IDS)
    expect((await tenant.messages.ofConversation(room, said.seq, all)).items).toEqual([said])
    expect((await tenant.conversations.public('alice', all)).items.map(({ id }) => id)).toEqual([room])
  })
})
