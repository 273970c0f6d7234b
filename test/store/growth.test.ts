import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../../src/domain/ids.ts'
import type { PageRequest } from '../../src/domain/page.ts'
import type { MessageRecord } from '../../src/domain/records.ts'
import { command } from '../../src/store/command.ts'
import { reportFailure } from '../../src/store/commands/report-failure.ts'
import { createStore } from '../../src/store/create-store.ts'
import type { Statement } from '../../src/store/database/database.ts'
import type { TenantStore } from '../../src/store/store.ts'
import { describeDatabases, type OpenDatabase } from '../support/database.ts'
import { goneThrough } from '../support/gone-through.ts'
import { conversationOf, enrol, say } from '../support/tenant-fixture.ts'

/** Rooms and messages that nobody asks for, beside those that are asked for. */
const OTHERS = 150
const PEOPLE = ['alice', 'bob', ...Array.from({ length: OTHERS }, (_, n) => `user-${n.toString().padStart(3, '0')}`)]

const page = (direction: PageRequest['direction'], ...cursor: (string | number)[]): PageRequest => ({
  direction,
  count: 5,
  cursor: cursor.length === 0 ? null : cursor,
})

// A session keeps the plan that it made when the tables were empty, until somebody analyses them.
describeDatabases('A read whose plan was made on empty tables', open => {
  let opened: OpenDatabase
  let tenant: TenantStore
  /** Of Alice and Bob, who has read nothing. */
  let small: string
  /** Of everybody else, in which much was said. */
  let large: string
  let lobby: string
  let said: MessageRecord
  let loud: MessageRecord
  /** What the reads went through. */
  let total = 0

  beforeAll(async () => {
    opened = await open()
    const read = async (statements: readonly Statement[]) => {
      total += await goneThrough(opened.database.read, statements)
      return opened.database.read(statements)
    }
    tenant = createStore({ ...opened.database, read }).tenant(newId())
    await enrol(tenant, ...PEOPLE)
    small = await conversationOf(tenant, ['alice', 'bob'])
    large = small
    lobby = await conversationOf(tenant, ['alice'], { kind: 'PUBLIC' })
    said = await say(tenant, small, 'alice')
    loud = said
    for (const [, look] of reads) await look()
    large = await conversationOf(tenant, PEOPLE.slice(2))
    for (const user of PEOPLE.slice(2)) loud = await say(tenant, large, user)
    for (const user of PEOPLE.slice(2, -1)) await tenant.log.submit(failureOf(loud, user))
    await Promise.all(PEOPLE.slice(2).map(user => conversationOf(tenant, [user, 'alice'])))
  })
  afterAll(() => opened.close())

  const failureOf = ({ conversationId, id, seq }: MessageRecord, userId: string) =>
    command(reportFailure, { conversationId, userId, messageId: id, seq, reason: 'no key' })
  const key = () => ({ conversationId: small, userId: 'bob' })
  const unread = async () => {
    const [member] = await tenant.members.byKeys([key()])
    return tenant.members.unreadCounts(member ? [member] : [])
  }
  const middle = OTHERS / 2
  const somebody = PEOPLE[middle] ?? ''
  const reads: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["a user's conversations", () => tenant.conversations.ofUser('bob', page('forward'))],
    ["a user's conversations, backward", () => tenant.conversations.ofUser('bob', page('backward'))],
    ['conversations by their ids', () => tenant.conversations.byIds([small])],
    ['conversations by their ids, of a user', () => tenant.conversations.byIdsOfUser('bob', [small])],
    ['public conversations', () => tenant.conversations.public('bob', page('forward'))],
    ['public conversations, from one on', () => tenant.conversations.public('bob', page('backward', lobby))],
    ['a direct conversation', () => tenant.conversations.directOf(['alice', 'bob'])],
    ['members by their keys', () => tenant.members.byKeys([key()])],
    ['members of a conversation', () => tenant.members.ofConversation(large, page('forward'))],
    ['members, from one on', () => tenant.members.ofConversation(large, page('forward', somebody))],
    ['members, up to one', () => tenant.members.ofConversation(large, page('backward', somebody))],
    ['the owners of a conversation', () => tenant.members.ownerCount(large)],
    ['what is unread', unread],
    ['history', () => tenant.messages.ofConversation(large, 1_000, page('backward'))],
    ['history, up to a message', () => tenant.messages.ofConversation(large, 1_000, page('backward', middle))],
    ['history, from a message on', () => tenant.messages.ofConversation(large, 1_000, page('forward', middle))],
    ['messages by their ids', () => tenant.messages.byIds([said.id])],
    ['messages by their ids, of a member', () => tenant.messages.byIdsOfMember('bob', [said.id])],
    ["a message by its sender's key", () => tenant.messages.byKey('alice', said.clientMessageId)],
    ['who got a message', () => tenant.receipts.ofMessage(loud, page('forward'))],
    ['who got it, from one on', () => tenant.receipts.ofMessage(loud, page('forward', somebody))],
    ['failures', () => tenant.receipts.failures(small)],
    ['receipts since', () => tenant.receipts.changedSince([small], new Date(0))],
    ['users by their ids', () => tenant.users.byIds(['alice', 'bob'])],
    ['ids of users', () => tenant.users.ids(5)],
    ['the head of the log', () => tenant.log.head()],
    ['the log after a place', () => tenant.log.after(2, 5)],
    ['revocations of a user', () => tenant.revocations.of([{ scope: 'user', id: 'bob' }])],
    ['revocations after a place', () => tenant.revocations.after(0, 5)],
  ]

  test.each(reads)('goes through few rows, however many the tenant has: %s', async (_, look) => {
    total = 0
    await look()
    expect(total).toBeLessThan(50)
  })
})
