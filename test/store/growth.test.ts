import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { MessageRecord } from '../../src/domain/records.ts'
import { createStore } from '../../src/store/create-store.ts'
import type { Statement } from '../../src/store/database/database.ts'
import type { TenantStore } from '../../src/store/store.ts'
import { describeDatabases, type OpenDatabase } from '../support/database.ts'
import { goneThrough } from '../support/gone-through.ts'
import { conversationOf, enrol, say } from '../support/tenant-fixture.ts'

const ROOMS = 100
const EACH = 4
const FIRST = { direction: 'forward', count: 10, cursor: null } as const
const LAST = { direction: 'backward', count: 10, cursor: null } as const

// A session keeps the plan that it made when the tables were empty, until somebody analyses them.
describeDatabases('A read whose plan was made on empty tables', open => {
  let opened: OpenDatabase
  let tenant: TenantStore
  let bobs: string
  let said: MessageRecord
  /** What the reads went through. */
  let total = 0

  beforeAll(async () => {
    opened = await open()
    const read = async (statements: readonly Statement[]) => {
      total += await goneThrough(opened.database.read, statements)
      return opened.database.read(statements)
    }
    tenant = createStore({ ...opened.database, read }).tenant(newId())
    await enrol(tenant, 'alice', 'bob')
    await settle()
    for (const [, look] of reads) await look()
    await enrol(tenant, ...Array.from({ length: ROOMS }, (_, n) => `user-${n}`))
    const rooms = await Promise.all(
      Array.from({ length: ROOMS }, (_, n) => conversationOf(tenant, ['alice', `user-${n}`], { kind: 'PUBLIC' })),
    )
    for (let round = 0; round < EACH; round++) await Promise.all(rooms.map(room => say(tenant, room, 'alice')))
    await settle()
  })
  afterAll(() => opened.close())

  /** Bob's only conversation, in which Alice has said something. */
  async function settle(): Promise<void> {
    bobs = await conversationOf(tenant, ['bob', 'alice'])
    for (let round = 0; round < EACH; round++) said = await say(tenant, bobs, 'alice')
  }

  const key = () => ({ conversationId: bobs, userId: 'bob' })
  const reads: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["a user's conversations", () => tenant.conversations.ofUser('bob', FIRST)],
    ["a user's conversations, backward", () => tenant.conversations.ofUser('bob', LAST)],
    ['conversations by their ids', () => tenant.conversations.byIds([bobs])],
    ['conversations by their ids, of a user', () => tenant.conversations.byIdsOfUser('bob', [bobs])],
    ['public conversations', () => tenant.conversations.public('bob', FIRST)],
    ['a direct conversation', () => tenant.conversations.directOf(['alice', 'bob'])],
    ['members by their keys', () => tenant.members.byKeys([key()])],
    ['members of a conversation', () => tenant.members.ofConversation(bobs, FIRST)],
    [
      'what is unread',
      async () => tenant.members.unreadCounts((await tenant.members.byKeys([key()])).flatMap(m => m ?? [])),
    ],
    ['history', () => tenant.messages.ofConversation(bobs, 100, LAST)],
    ['messages by their ids', () => tenant.messages.byIds([said.id])],
    ['messages by their ids, of a member', () => tenant.messages.byIdsOfMember('bob', [said.id])],
    ['users by their ids', () => tenant.users.byIds(['alice', 'bob'])],
  ]

  test.each(reads)('goes through few rows, however many the tenant has: %s', async (_, look) => {
    total = 0
    await look()
    expect(total).toBeLessThan(60)
  })
})
