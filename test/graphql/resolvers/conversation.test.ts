import { describe, expect, test } from 'vitest'
import { encodeCursor } from '../../../src/domain/position.ts'
import { conversation, cursor, fakeEngine, member, message, run } from '../engine-fixture.ts'

const FIELDS = `id kind title memberCount createdAt archivedAt position metadata createdBy { id } lastMessage { id } unreadCount
  viewerMembership { role } messages(last: 2) { nodes { id } edges { cursor } pageInfo { hasPreviousPage } } members { nodes { user { id } } }`

function seen(kind: 'GROUP' | 'PUBLIC', membership: ReturnType<typeof member> | null) {
  const asked: unknown[] = []
  const services = {
    conversations: { byIds: async () => [{ ...conversation({ kind }), membership }] },
    messages: { byIds: async () => [message({ id: 'm9', seq: 9 })] },
  }
  const tenant = {
    messages: {
      ofConversation: async (...args: readonly unknown[]) => {
        asked.push(args)
        return { items: [message()], hasNextPage: false, hasPreviousPage: true }
      },
    },
    members: {
      ofConversation: async () => ({ items: [member()], hasNextPage: false, hasPreviousPage: false }),
      unreadCounts: async () => [3],
    },
  }
  return { ...fakeEngine(services, tenant), asked }
}

describe('a conversation', () => {
  test('shows a member everything, and history up to the instant of its position', async () => {
    const { engine, asked } = seen('GROUP', member())
    expect(await run(engine, `{ conversation(id: "c1") { ${FIELDS} } }`)).toMatchObject({
      data: {
        conversation: {
          title: 'Tea',
          position: encodeCursor(cursor(100)),
          metadata: { secret: true },
          createdBy: { id: 'bob' },
          lastMessage: { id: 'm9' },
          unreadCount: 3,
          viewerMembership: { role: 'ADMIN' },
          messages: { nodes: [{ id: 'm4' }], pageInfo: { hasPreviousPage: true } },
          members: { nodes: [{ user: { id: 'alice' } }] },
        },
      },
    })
    expect(asked).toEqual([['c1', 9, { direction: 'backward', count: 2, cursor: null }]])
  })

  test('that is PUBLIC shows one who is no member that it is there, and reads nothing more', async () => {
    const { engine, asked } = seen('PUBLIC', null)
    expect(await run(engine, `{ conversation(id: "c1") { ${FIELDS} } }`)).toEqual({
      data: {
        conversation: {
          id: 'c1',
          kind: 'PUBLIC',
          title: 'Tea',
          memberCount: 2,
          createdAt: '2026-01-02T03:04:05.678Z',
          archivedAt: null,
          position: encodeCursor(cursor(100)),
          metadata: null,
          createdBy: null,
          lastMessage: null,
          unreadCount: 0,
          viewerMembership: null,
          messages: { nodes: [], edges: [], pageInfo: { hasPreviousPage: false } },
          members: { nodes: [] },
        },
      },
    })
    expect(asked).toEqual([])
  })

  test('that the viewer may not see is null', async () => {
    const { engine } = fakeEngine({ conversations: { byIds: async (_, ids) => ids.map(() => undefined) } })
    expect(await run(engine, '{ a: conversation(id: "c2") { id } b: conversation(id: "") { id } }')).toEqual({
      data: { a: null, b: null },
    })
  })

  test('of a list shows its last message and who sent that, and reads nothing more', async () => {
    const last = {
      message: message({ id: 'm9', content: 'news' }),
      sender: { id: 'bob', name: 'Bob', avatarUrl: null },
    }
    const items = [{ ...conversation(), lastMessageId: 'm9', membership: member(), last }]
    const list = async () => ({ items, hasNextPage: false, hasPreviousPage: false })
    const { engine } = fakeEngine({ conversations: { list } })
    const query = '{ conversations { nodes { lastMessage { content sender { name } } viewerMembership { role } } } }'
    expect(await run(engine, query)).toEqual({
      data: {
        conversations: {
          nodes: [{ lastMessage: { content: 'news', sender: { name: 'Bob' } }, viewerMembership: { role: 'ADMIN' } }],
        },
      },
    })
  })

  test('of a list has a cursor from which the list goes on', async () => {
    const pages: unknown[] = []
    const list = async (_: unknown, page: unknown) => {
      pages.push(page)
      const items = [{ ...conversation(), membership: member(), last: null }]
      return { items, hasNextPage: true, hasPreviousPage: false }
    }
    const { engine } = fakeEngine({ conversations: { list } })
    const query =
      'query ($after: String) { conversations(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } }'
    const { data } = (await run(engine, query)) as { data: { conversations: { pageInfo: { endCursor: string } } } }
    await run(engine, query, { after: data.conversations.pageInfo.endCursor })
    expect(pages).toEqual([
      { direction: 'forward', count: 1, cursor: null },
      { direction: 'forward', count: 1, cursor: [90, 'c1'] },
    ])
  })
})
