import { expect, test } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import type { Cursor } from '../../../src/domain/position.ts'
import type { MessageRecord } from '../../../src/domain/records.ts'
import { command } from '../../../src/store/command.ts'
import { editMessage } from '../../../src/store/commands/change-message.ts'
import type { LogPage, Store, TenantStore } from '../../../src/store/store.ts'
import { conversationOf, enrol, join, removeFrom, say } from '../../support/tenant-fixture.ts'

/** What the log of record promises of reading: one user's share, from any place of the log. */
export function describePages(open: () => Promise<Store>): void {
  async function tenantOf(...users: readonly string[]): Promise<TenantStore> {
    const tenant = (await open()).tenant(newId())
    await enrol(tenant, ...users)
    return tenant
  }

  async function inbox(tenant: TenantStore, userId: string, after: Cursor, limit = 100): Promise<LogPage> {
    return tenant.log.inboxPage(userId, after, limit)
  }

  const kinds = (page: LogPage) => page.events.map(event => event.kind)

  test('a log without events has a place to begin at', async () => {
    const tenant = await tenantOf('alice')
    const start = await tenant.log.head()
    expect(start.position).toBe(0)
    expect(await inbox(tenant, 'alice', start)).toMatchObject({ valid: true, events: [], reached: start, head: start })
  })

  test('an inbox gets exactly the events within its intervals, their first and last included', async () => {
    const tenant = await tenantOf('alice', 'bob')
    const start = await tenant.log.head()
    const room = await conversationOf(tenant, ['alice'])
    await say(tenant, room, 'alice', 'before bob')
    await join(tenant, room, 'alice', 'bob')
    await say(tenant, room, 'alice', 'with bob')
    await removeFrom(tenant, room, 'alice', 'bob')
    await say(tenant, room, 'alice', 'without bob')
    await join(tenant, room, 'alice', 'bob')
    await say(tenant, room, 'alice', 'with bob again')
    const page = await inbox(tenant, 'bob', start)
    expect(page.events.map(event => event.position)).toEqual([3, 4, 5, 7, 8])
    expect(kinds(page)).toEqual(['MemberJoined', 'MessageSent', 'MemberLeft', 'MemberJoined', 'MessageSent'])
    expect(page.intervals).toEqual([
      { conversationId: room, from: 3, to: 5 },
      { conversationId: room, from: 7, to: null },
    ])
    expect(page.reached).toEqual(page.head)
    expect((await inbox(tenant, 'alice', start)).events).toHaveLength(8)
  })

  test('a page brings the messages of its first events and their senders as they are now, in an inbox and in a conversation', async () => {
    const tenant = await tenantOf('alice')
    await tenant.users.ensure({ id: 'bob', name: 'Bob', avatarUrl: null })
    const start = await tenant.log.head()
    const room = await conversationOf(tenant, ['alice', 'bob'])
    const messages: MessageRecord[] = []
    for (let n = 0; n < 40; n++) messages.push(await say(tenant, room, n % 2 === 0 ? 'alice' : 'bob', `${n}`))
    await tenant.users.ensure({ id: 'bob', name: 'Robert', avatarUrl: null })
    const pages = [await inbox(tenant, 'alice', start), await tenant.log.conversationPage(room, 'alice', start, 100)]
    for (const { events } of pages) {
      const brought = events.map(event => event.made?.())
      expect(brought).toHaveLength(41)
      expect(brought[0]).toBeUndefined()
      expect(brought.slice(1, 32).map(made => made?.message)).toEqual(messages.slice(0, 31))
      expect(brought[2]?.sender).toEqual({ id: 'bob', name: 'Robert', avatarUrl: null })
      expect(brought.slice(32)).toEqual(Array.from({ length: 9 }))
    }
  })

  test('a full page ends at its last event, and the next goes on from there', async () => {
    const tenant = await tenantOf('alice')
    const start = await tenant.log.head()
    const room = await conversationOf(tenant, ['alice'])
    for (let n = 0; n < 4; n++) await say(tenant, room, 'alice', `${n}`)
    const first = await inbox(tenant, 'alice', start, 3)
    expect(first.events.map(event => event.position)).toEqual([1, 2, 3])
    expect(first.reached.position).toBe(3)
    const second = await inbox(tenant, 'alice', first.reached, 3)
    expect(second.events.map(event => event.position)).toEqual([4, 5])
    expect(second.reached).toEqual(second.head)
  })

  test('a cursor of another mark, ahead of the head or before the floor is no place of the log', async () => {
    const tenant = await tenantOf('alice')
    const room = await conversationOf(tenant, ['alice'])
    await say(tenant, room, 'alice')
    const head = await tenant.log.head()
    const strange = [
      { position: head.position, mark: head.mark ^ 1n },
      { position: head.position + 1, mark: head.mark },
      { position: 0, mark: 0n },
      { position: Number.MAX_SAFE_INTEGER, mark: -1n },
    ]
    for (const cursor of strange) {
      const page = await inbox(tenant, 'alice', cursor)
      expect(page).toMatchObject({ valid: false, events: [], reached: head, head })
      expect(await tenant.log.conversationPage(room, 'alice', cursor, 10)).toMatchObject({ valid: false, events: [] })
    }
  })

  test('no cursor asks for the present alone', async () => {
    const tenant = await tenantOf('alice')
    const room = await conversationOf(tenant, ['alice'])
    const page = await tenant.log.inboxPage('alice', null, 100)
    expect(page).toMatchObject({ valid: true, events: [], reached: page.head })
    expect(page.intervals).toEqual([{ conversationId: room, from: 1, to: null }])
  })

  test('a conversation’s page holds its events alone, and tells a member from others', async () => {
    const tenant = await tenantOf('alice', 'bob')
    const start = await tenant.log.head()
    const room = await conversationOf(tenant, ['alice'])
    const other = await conversationOf(tenant, ['alice', 'bob'])
    await say(tenant, other, 'bob')
    await say(tenant, room, 'alice')
    const page = await tenant.log.conversationPage(room, 'alice', start, 10)
    expect(page.events.map(event => event.position)).toEqual([1, 4])
    expect(page.intervals.some(interval => interval.to === null)).toBe(true)
    for (const id of [room, newId(), 'rubbish']) {
      const refused = await tenant.log.conversationPage(id, 'bob', start, 10)
      expect(refused).toMatchObject({ valid: true, events: [], intervals: [] })
    }
  })

  test('a conversation’s page after any place is what the log has of the conversation from there on', async () => {
    const tenant = await tenantOf('alice', 'bob')
    const start = await tenant.log.head()
    const room = await conversationOf(tenant, ['alice', 'bob'])
    const other = await conversationOf(tenant, ['alice', 'bob'])
    const edit = (message: MessageRecord) =>
      tenant.log.submit(command(editMessage, { messageId: message.id, actorId: 'alice', content: 'new', version: 1 }))
    const first = await say(tenant, room, 'alice')
    await edit(first)
    for (let n = 0; n < 3; n++) await say(tenant, other, 'alice')
    for (let n = 0; n < 4; n++) await say(tenant, room, 'bob')
    await removeFrom(tenant, room, 'alice', 'bob')
    await edit(await say(tenant, room, 'alice'))
    await say(tenant, other, 'bob')
    await join(tenant, room, 'alice', 'bob')
    await edit(await say(tenant, room, 'alice'))
    await say(tenant, other, 'bob')
    const { events } = await tenant.log.after(0, 100)
    const places = [start, ...events.map(({ position, mark }) => ({ position, mark }))]
    for (const [conversationId, userId] of [
      [room, 'alice'],
      [room, 'bob'],
      [other, 'bob'],
    ] as const) {
      const { intervals } = await tenant.log.conversationPage(conversationId, userId, start, 0)
      for (const after of places) {
        const due = events.filter(
          event =>
            event.conversationId === conversationId &&
            event.position > after.position &&
            intervals.some(({ from, to }) => from <= event.position && event.position <= (to ?? Infinity)),
        )
        for (const limit of [1, 2, 5, 100]) {
          const page = await tenant.log.conversationPage(conversationId, userId, after, limit)
          const positions = page.events.map(({ position }) => position)
          expect([after.position, positions]).toEqual([after.position, due.slice(0, limit).map(e => e.position)])
        }
      }
    }
  })

  test('a quiet inbox’s page ends at a window, not at the head of a long log', async () => {
    const tenant = await tenantOf('alice', 'bob')
    const start = await tenant.log.head()
    const room = await conversationOf(tenant, ['alice'])
    await Promise.all(Array.from({ length: 5_050 }, () => say(tenant, room, 'alice')))
    await conversationOf(tenant, ['bob'])
    const first = await inbox(tenant, 'bob', start)
    expect(first).toMatchObject({ valid: true, events: [] })
    expect(first.reached.position).toBe(5_000)
    const second = await inbox(tenant, 'bob', first.reached)
    expect(kinds(second)).toEqual(['ConversationCreated'])
    expect(second.reached).toEqual(second.head)
  })
}
