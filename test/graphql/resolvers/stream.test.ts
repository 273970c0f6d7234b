import { describe, expect, test } from 'vitest'
import { encodeCursor } from '../../../src/domain/position.ts'
import { conversation, cursor, event, fakeEngine, run, sent } from '../engine-fixture.ts'

describe('events', () => {
  const query = `query ($after: Position!) { events(after: $after, first: 2) { edges { cursor node { __typename position } }
    nodes { ... on ConversationEvent { conversation { title unreadCount } } ... on MessageSent { message { content } } } pageInfo { hasNextPage endCursor } } }`

  test('say what an inbox would have said, also of a conversation that the viewer left since', async () => {
    const asked: unknown[] = []
    const services = {
      streams: {
        events: async (_: unknown, ...args: readonly unknown[]) => {
          asked.push(args)
          return { items: [sent(), event('MemberLeft', { userId: 'alice' })], end: cursor(44), hasNextPage: true }
        },
      },
    }
    const tenant = {
      conversations: { byIds: async () => [conversation()] },
      members: { byKeys: async () => [undefined] },
    }
    const { engine } = fakeEngine(services, tenant)
    const position = encodeCursor(cursor(40))
    expect(await run(engine, query, { after: encodeCursor(cursor(1)) })).toEqual({
      data: {
        events: {
          edges: [
            { cursor: position, node: { __typename: 'MessageSent', position } },
            { cursor: position, node: { __typename: 'MemberLeft', position } },
          ],
          nodes: [
            { conversation: { title: 'Tea', unreadCount: 0 }, message: { content: 'hello' } },
            { conversation: { title: 'Tea', unreadCount: 0 } },
          ],
          pageInfo: { hasNextPage: true, endCursor: encodeCursor(cursor(44)) },
        },
      },
    })
    expect(asked).toEqual([[cursor(1), 2]])
  })
})
