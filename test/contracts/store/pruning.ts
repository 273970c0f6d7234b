import { expect, test } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import { command } from '../../../src/store/command.ts'
import { advanceReceipt } from '../../../src/store/commands/advance-receipts.ts'
import { toSend } from '../../../src/store/commands/send-message.ts'
import type { RetentionRule, Store, TenantStore } from '../../../src/store/store.ts'
import { conversationOf, draft, enrol, say } from '../../support/tenant-fixture.ts'

const DAY_MS = 86_400_000
const keepAll: RetentionRule = { maxAgeMs: null, maxEvents: null }

/** What the log promises of its beginning, over any database. */
export function describePruning(open: () => Promise<Store>): void {
  async function logOf(messages: number) {
    const tenant = (await open()).tenant(newId())
    await enrol(tenant, 'alice')
    const room = await conversationOf(tenant, ['alice'])
    for (let n = 0; n < messages; n++) await say(tenant, room, 'alice', `${n}`)
    return { tenant, room }
  }

  async function kept(tenant: TenantStore): Promise<readonly number[]> {
    return (await tenant.log.after(0, 1_000)).events.map(({ position }) => position)
  }

  const pruneAll = async (tenant: TenantStore, rule: RetentionRule, now = Date.now(), step = 4) => {
    let steps = 1
    let pruned = await tenant.log.prune(rule, now, step)
    for (; pruned.more; steps++) pruned = await tenant.log.prune(rule, now, step)
    return { ...pruned, steps }
  }

  test('events beyond the number go, the oldest first, a step at a time', async () => {
    const { tenant } = await logOf(9)
    expect(await pruneAll(tenant, keepAll)).toMatchObject({ floor: 0, steps: 1, oldestAt: expect.any(Date) })
    expect(await pruneAll(tenant, { ...keepAll, maxEvents: 3 })).toMatchObject({ floor: 7, steps: 2 })
    expect(await kept(tenant)).toEqual([8, 9, 10])
    expect(await pruneAll(tenant, { ...keepAll, maxEvents: 3 })).toMatchObject({ floor: 7, steps: 1 })
    expect(await kept(tenant)).toEqual([8, 9, 10])
  })

  test('events of that age go, down to an empty log, which goes on from its floor', async () => {
    const { tenant, room } = await logOf(3)
    const head = await tenant.log.head()
    const rule = { ...keepAll, maxAgeMs: DAY_MS }
    expect(await pruneAll(tenant, rule, Date.now() + DAY_MS - 60_000)).toMatchObject({ floor: 0 })
    expect(await pruneAll(tenant, rule, Date.now() + DAY_MS + 60_000)).toMatchObject({ floor: 4, oldestAt: null })
    expect(await kept(tenant)).toEqual([])
    expect(await tenant.log.head()).toEqual(head)
    expect(await tenant.log.inboxPage('alice', head, 10)).toMatchObject({ valid: true, reached: head })
    const next = await say(tenant, room, 'alice')
    expect([next.position, next.seq]).toEqual([5, 5])
    expect(await tenant.log.after(4, 10)).toMatchObject({ mark: head.mark, events: [{ position: 5 }] })
  })

  test('a cursor at the floor goes on, and one below it is no place of the log any more', async () => {
    const { tenant, room } = await logOf(9)
    const { events } = await tenant.log.after(0, 100)
    await pruneAll(tenant, { ...keepAll, maxEvents: 4 })
    for (const { position, mark } of events) {
      const cursor = { position, mark }
      for (const page of [
        await tenant.log.inboxPage('alice', cursor, 100),
        await tenant.log.conversationPage(room, 'alice', cursor, 100),
      ]) {
        expect([position, page.valid]).toEqual([position, position >= 6])
        if (page.valid) expect(page.events.map(event => event.position)).toEqual(range(position + 1, 10))
      }
    }
    expect(await tenant.log.after(5, 10)).toMatchObject({ mark: null })
  })

  test('messages, idempotency and how far members have read outlive the events', async () => {
    const { tenant, room } = await logOf(1)
    const input = draft(room, 'alice')
    await tenant.log.submit(toSend(input))
    const receipt = { conversationId: room, userId: 'alice', messageId: input.messageId, seq: 3, read: true }
    await tenant.log.submit(command(advanceReceipt, { ...receipt, historyMaxMembers: 100 }))
    await pruneAll(tenant, { maxAgeMs: 0, maxEvents: 0 }, Date.now() + DAY_MS)
    expect(await kept(tenant)).toEqual([])
    expect(await tenant.messages.byIds([input.messageId])).toMatchObject([{ content: input.content }])
    expect(await tenant.log.submit(toSend({ ...input, messageId: newId() }))).toMatchObject({
      type: 'known',
      messageId: input.messageId,
    })
    expect(await tenant.members.byKeys([{ conversationId: room, userId: 'alice' }])).toMatchObject([{ lastReadSeq: 3 }])
  })

  test('no other tenant loses anything', async () => {
    const store = await open()
    const [own, other] = [store.tenant(newId()), store.tenant(newId())]
    for (const tenant of [own, other]) {
      await enrol(tenant, 'alice')
      await conversationOf(tenant, ['alice'])
    }
    await pruneAll(own, { ...keepAll, maxEvents: 0 })
    expect([await kept(own), await kept(other)]).toEqual([[], [1]])
  })

  test('two nodes that prune at once take nothing twice, and leave what is to stay', async () => {
    const { tenant } = await logOf(12)
    const rule = { ...keepAll, maxEvents: 5 }
    await Promise.all([1, 2, 3].map(() => pruneAll(tenant, rule, Date.now(), 3)))
    expect(await kept(tenant)).toEqual(range(9, 13))
  })
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(to - from + 1, 0) }, (_, n) => from + n)
}
