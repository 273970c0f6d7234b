import { expect, test } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import type { PageRequest } from '../../../src/domain/page.ts'
import type { MessageRecord, ReceiptChange } from '../../../src/domain/records.ts'
import { command } from '../../../src/store/command.ts'
import { advanceReceipt } from '../../../src/store/commands/advance-receipts.ts'
import { reportFailure } from '../../../src/store/commands/report-failure.ts'
import type { Store, TenantStore } from '../../../src/store/store.ts'
import { conversationOf, enrol, join, say } from '../../support/tenant-fixture.ts'

const ALL: PageRequest = { direction: 'forward', count: 100, cursor: null }

/** Delivered and read are "up to and including", with exact times for each message and member. */
export function describeReceipts(open: () => Promise<Store>): void {
  async function room() {
    const store = await open()
    const tenant = store.tenant(newId())
    await enrol(tenant, 'alice', 'bob', 'carol')
    const conversationId = await conversationOf(tenant, ['alice', 'bob'])
    const changes: ReceiptChange[] = []
    store.onCommit((id, batch) => {
      if (id === tenant.id) changes.push(...batch.receipts)
    })
    return { tenant, conversationId, changes }
  }

  function advance(
    tenant: TenantStore,
    userId: string,
    message: MessageRecord,
    read: boolean,
    historyMaxMembers = 100,
  ) {
    const { conversationId, id: messageId, seq } = message
    return tenant.log.submit(
      command(advanceReceipt, { conversationId, userId, messageId, seq, read, historyMaxMembers }),
    )
  }

  test('each message keeps the moment at which an advance first reached it', async () => {
    const { tenant, conversationId, changes } = await room()
    const first = await say(tenant, conversationId, 'alice', '1')
    const second = await say(tenant, conversationId, 'alice', '2')
    const third = await say(tenant, conversationId, 'alice', '3')
    await advance(tenant, 'bob', first, false)
    await advance(tenant, 'bob', third, true)
    const [delivered1, delivered3, read3] = changes
    expect(changes.map(({ kind, seq, receiptPosition }) => [receiptPosition, kind, seq])).toEqual([
      [1, 'DELIVERED', first.seq],
      [2, 'DELIVERED', third.seq],
      [3, 'READ', third.seq],
    ])
    const receiptOf = async (message: MessageRecord) => (await tenant.receipts.ofMessage(message, ALL)).items
    const failure = { failedAt: null, failureReason: null }
    expect(await receiptOf(first)).toEqual([
      { userId: 'bob', deliveredAt: delivered1?.at, readAt: read3?.at, ...failure },
    ])
    expect(await receiptOf(second)).toEqual([
      { userId: 'bob', deliveredAt: delivered3?.at, readAt: read3?.at, ...failure },
    ])
  })

  test('going back or standing still changes nothing', async () => {
    const { tenant, conversationId, changes } = await room()
    const first = await say(tenant, conversationId, 'alice', '1')
    const second = await say(tenant, conversationId, 'alice', '2')
    const there = await advance(tenant, 'bob', second, true)
    const heard = changes.length
    expect(await advance(tenant, 'bob', first, true)).toEqual(there)
    expect(await advance(tenant, 'bob', second, false)).toEqual(there)
    expect(changes).toHaveLength(heard)
  })

  test('advances of many members at once are numbered without a hole', async () => {
    const { tenant, conversationId, changes } = await room()
    const users = Array.from({ length: 20 }, (_, n) => `user-${n}`)
    await enrol(tenant, ...users)
    for (const user of users) await join(tenant, conversationId, 'alice', user)
    const message = await say(tenant, conversationId, 'alice')
    await Promise.all(
      users.flatMap(user => [advance(tenant, user, message, false), advance(tenant, user, message, true)]),
    )
    expect(changes.map(change => change.receiptPosition)).toEqual(Array.from({ length: 40 }, (_, n) => n + 1))
    const [members] = await Promise.all([tenant.members.byKeys(users.map(userId => ({ conversationId, userId })))])
    expect(members.every(member => member?.lastReadSeq === message.seq)).toBe(true)
  })

  test('a failure shows its reason until a delivery supersedes it', async () => {
    const { tenant, conversationId, changes } = await room()
    const message = await say(tenant, conversationId, 'alice')
    const failure = { conversationId, userId: 'bob', messageId: message.id, seq: message.seq }
    await tenant.log.submit(command(reportFailure, { ...failure, reason: 'no key' }))
    await tenant.log.submit(command(reportFailure, { ...failure, reason: 'still no key' }))
    const [failed] = (await tenant.receipts.ofMessage(message, ALL)).items
    expect(failed).toMatchObject({ deliveredAt: null, failedAt: changes.at(-1)?.at, failureReason: 'still no key' })
    expect((await tenant.receipts.failures(conversationId)).map(({ reason }) => reason)).toEqual(['still no key'])
    await advance(tenant, 'bob', message, false)
    const [delivered] = (await tenant.receipts.ofMessage(message, ALL)).items
    expect(delivered).toMatchObject({ failedAt: null, failureReason: null })
    expect(await tenant.receipts.failures(conversationId)).toEqual([])
    expect(await tenant.log.submit(command(reportFailure, { ...failure, reason: 'late' }))).toBeUndefined()
  })

  test('who joined later was never meant to receive it, and starts with nothing unread', async () => {
    const { tenant, conversationId } = await room()
    const message = await say(tenant, conversationId, 'alice')
    await join(tenant, conversationId, 'alice', 'carol')
    expect((await tenant.receipts.ofMessage(message, ALL)).items.map(({ userId }) => userId)).toEqual(['bob'])
    const members = await tenant.members.byKeys(['alice', 'bob', 'carol'].map(userId => ({ conversationId, userId })))
    expect(await tenant.members.unreadCounts(members.filter(member => member !== undefined))).toEqual([0, 1, 0])
  })

  test('a large conversation keeps how far each member got, and no row per advance', async () => {
    const { tenant, conversationId, changes } = await room()
    const message = await say(tenant, conversationId, 'alice')
    expect(await advance(tenant, 'bob', message, true, 1)).toMatchObject({ lastReadSeq: message.seq })
    expect(changes).toHaveLength(2)
    expect((await tenant.receipts.ofMessage(message, ALL)).items).toMatchObject([{ userId: 'bob', readAt: null }])
  })

  test('a time that was not kept is not made up from a later one, once the conversation is small enough', async () => {
    const { tenant, conversationId, changes } = await room()
    const [first, second, third] = [
      await say(tenant, conversationId, 'alice', '1'),
      await say(tenant, conversationId, 'alice', '2'),
      await say(tenant, conversationId, 'alice', '3'),
    ]
    await advance(tenant, 'bob', first, true, 1)
    await advance(tenant, 'bob', second, false, 1)
    await advance(tenant, 'bob', third, true)
    const [delivered3, read3] = changes.slice(-2)
    const timesOf = async (message: MessageRecord) =>
      (await tenant.receipts.ofMessage(message, ALL)).items.map(({ deliveredAt, readAt }) => [deliveredAt, readAt])
    expect(await timesOf(first)).toEqual([[null, null]])
    expect(await timesOf(second)).toEqual([[null, read3?.at]])
    expect(await timesOf(third)).toEqual([[delivered3?.at, read3?.at]])
  })

  test('someone who is no member cannot advance', async () => {
    const { tenant, conversationId } = await room()
    expect(await advance(tenant, 'carol', await say(tenant, conversationId, 'alice'), true)).toBeUndefined()
  })
}
