import { describe, expect, test } from 'vitest'
import type { StreamItem } from '../../src/domain/event.ts'
import { encodeCursor } from '../../src/domain/position.ts'
import type { Viewer } from '../../src/domain/viewer.ts'
import type { Services } from '../../src/services/services.ts'
import type { Selection } from '../../src/stream/selection.ts'
import type { Sink } from '../../src/stream/sink.ts'
import {
  admitted,
  alice,
  bob,
  conversation,
  cursor,
  event,
  fakeEngine,
  member,
  message,
  sent,
} from './engine-fixture.ts'

const sink: Sink = { userId: 'alice', write: () => true, onDrain() {}, end() {} }

/** What the service is handed when the document is subscribed to. */
async function select(
  query: string,
  variables: Record<string, unknown> = {},
  viewer: Viewer = alice,
  tenant: Parameters<typeof fakeEngine>[1] = {},
): Promise<Selection<StreamItem>> {
  const taken: Selection<StreamItem>[] = []
  const openInbox: Services['streams']['openInbox'] = async (_, __, live) => {
    taken.push(live.selection)
    return { close() {} }
  }
  const { engine } = fakeEngine({ streams: { openInbox } }, tenant)
  const opened = await engine.subscribe(admitted(engine, query, variables), { viewer, session: null }, sink)
  const [selection] = taken
  if (selection === undefined) throw new Error(JSON.stringify(opened))
  return selection
}

const keyOf = async (...args: Parameters<typeof select>) => (await select(...args)).key

describe('a selection’s key', () => {
  test('is the same whatever the operation, its fragments and its spaces are called', async () => {
    const one =
      'subscription One { inbox { ...A } } fragment A on StreamEvent { position ...B } fragment B on MessageSent { seq }'
    const two =
      'subscription Two { inbox\n{ ...Z } } fragment Y on MessageSent { seq } fragment Z on StreamEvent { position, ...Y }'
    expect(await keyOf(one)).toBe(await keyOf(two))
  })

  test('leaves out where the stream begins, inline or by variable, and in a fragment', async () => {
    const after = encodeCursor(cursor(5))
    const plain = await keyOf('subscription { inbox { position } }')
    expect(await keyOf(`subscription { inbox(after: "${after}") { position } }`)).toBe(plain)
    expect(await keyOf('subscription ($p: Position) { inbox(after: $p) { position } }', { p: after })).toBe(plain)
    expect(await keyOf('subscription ($p: Position = null) { inbox(after: $p) { position } }')).toBe(plain)
    const inFragment = (at: string) => `subscription { ...R } fragment R on Subscription { inbox${at} { position } }`
    expect(await keyOf(inFragment(`(after: "${after}")`))).toBe(await keyOf(inFragment('')))
  })

  test('holds another field’s after, every other variable that is used, aliases and fields', async () => {
    const messages =
      'subscription ($n: Int, $after: String) { inbox { ... on MessageSent { conversation { messages(first: $n, after: $after) { nodes { id } } } } } }'
    const keys = await Promise.all([
      keyOf(messages, { n: 1 }),
      keyOf(messages, { n: 2 }),
      keyOf(messages, { n: 1, after: 'x' }),
      keyOf(messages, { n: 1, after: null }),
      keyOf('subscription { inbox { position } }'),
      keyOf('subscription { other: inbox { position } }'),
      keyOf('subscription { inbox { position __typename } }'),
    ])
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('holds the viewer only where a field that depends on the viewer is reached', async () => {
    const shared = 'subscription { inbox { ... on MessageSent { conversation { id } } } }'
    expect(await keyOf(shared, {}, alice)).toBe(await keyOf(shared, {}, bob))
    const own = 'subscription { inbox { ...A } } fragment A on ConversationEvent { conversation { unreadCount } }'
    expect(await keyOf(own, {}, alice)).not.toBe(await keyOf(own, {}, bob))
    expect(await keyOf(own, {}, alice)).toBe(await keyOf(own, {}, alice))
  })
})

describe('rendering', () => {
  const words = `subscription { inbox { __typename position ... on MessageSent { seq at actor { id } conversationId message { id content sender { id } } } } }`

  test('what the commit knew is rendered at once, without a read', async () => {
    const { render } = await select(words)
    const payload = render(sent())
    if (payload instanceof Promise) throw new Error('asynchronous')
    const position = encodeCursor(cursor(40))
    expect(payload.position).toBe(position)
    expect(JSON.parse(payload.json)).toEqual({
      data: {
        inbox: {
          __typename: 'MessageSent',
          position,
          seq: 4,
          at: '2026-01-02T03:04:05.678Z',
          actor: { id: 'bob' },
          conversationId: 'c1',
          message: { id: 'm4', content: 'hello', sender: { id: 'bob' } },
        },
      },
      extensions: { position },
    })
  })

  test('every kind of item shows itself under its own name', async () => {
    const { render } = await select(
      `subscription { inbox { __typename ... on MemberLeft { user { id } } ... on ResyncRequired { reason } ... on AccessRevoked { conversationId } } }`,
    )
    const shown = async (item: StreamItem) =>
      (JSON.parse((await render(item)).json) as { data: { inbox: unknown } }).data.inbox
    const position = cursor(1)
    expect(await shown(event('MemberLeft', { userId: 'bob' }))).toEqual({
      __typename: 'MemberLeft',
      user: { id: 'bob' },
    })
    expect(await shown({ type: 'CaughtUp', position })).toEqual({ __typename: 'CaughtUp' })
    expect(await shown({ type: 'ResyncRequired', position, reason: 'r' })).toEqual({
      __typename: 'ResyncRequired',
      reason: 'r',
    })
    expect(await shown({ type: 'AccessRevoked', position, conversationId: 'c1', reason: 'r' })).toEqual({
      __typename: 'AccessRevoked',
      conversationId: 'c1',
    })
  })

  test('two executions of one item read what they need once', async () => {
    let reads = 0
    const tenant = {
      users: {
        byIds: async (ids: readonly string[]) => {
          reads += 1
          return ids.map(id => ({ id, name: 'Bob', avatarUrl: null }))
        },
      },
    }
    const { render } = await select(
      'subscription { inbox { ... on MemberLeft { actor { name } user { name avatarUrl } } } }',
      {},
      alice,
      tenant,
    )
    const item = event('MemberLeft', { userId: 'bob' })
    const first = await render(item)
    expect(await render(item)).toEqual(first)
    expect(first.json).toContain('Bob')
    expect(reads).toBe(1)
  })

  test('what a commit made is shown at once, its sender too: nothing is read', async () => {
    const { render } = await select(
      'subscription { inbox { ... on MessageSent { actor { name } message { content sender { name } } } } }',
    )
    const shown = render(sent())
    expect(shown).not.toBeInstanceOf(Promise)
    expect(JSON.parse((await shown).json).data.inbox.message).toEqual({
      content: message().content,
      sender: { name: 'Bob' },
    })
  })

  test('any error in the result is thrown, and nothing of the inside with it', async () => {
    const tenant = { users: { byIds: () => Promise.reject(new Error('SELECT secret')) } }
    const { render } = await select(
      'subscription { inbox { position ... on MemberLeft { actor { name } } } }',
      {},
      alice,
      tenant,
    )
    const failed = Promise.resolve(render(event('MemberLeft', { userId: 'bob' })))
    await expect(failed).rejects.toMatchObject({ name: 'RequestError', code: 'INTERNAL_SERVER_ERROR' })
    await expect(failed).rejects.not.toThrow('SELECT')
  })

  test('a selection of the viewer’s own sees that viewer, also after leaving', async () => {
    const own =
      'subscription { inbox { ... on MessageSent { conversation { unreadCount viewerMembership { user { id } role } } } } }'
    const tenant = {
      conversations: { byIds: async () => [conversation()] },
      members: {
        byKeys: async (keys: readonly { readonly userId: string }[]) =>
          keys.map(key => (key.userId === 'alice' ? member() : undefined)),
        unreadCounts: async () => [3],
      },
    }
    const shown = async (viewer: Viewer) =>
      JSON.parse((await (await select(own, {}, viewer, tenant)).render(sent())).json) as unknown
    expect(await shown(alice)).toMatchObject({
      data: { inbox: { conversation: { unreadCount: 3, viewerMembership: { user: { id: 'alice' }, role: 'ADMIN' } } } },
    })
    expect(await shown(bob)).toMatchObject({
      data: { inbox: { conversation: { unreadCount: 0, viewerMembership: null } } },
    })
  })

  test('within an event nothing newer than the event is shown', async () => {
    const asked: unknown[] = []
    const tenant = {
      conversations: { byIds: async () => [conversation({ lastSeq: 9, lastMessageId: 'm9' })] },
      messages: {
        byIds: async () => [message({ id: 'm9', seq: 9, content: 'said after leaving' })],
        ofConversation: async (_: string, upToSeq: number, page: unknown) => {
          asked.push([upToSeq, page])
          return { items: [message()], hasNextPage: false, hasPreviousPage: true }
        },
      },
    }
    const query =
      'subscription { inbox { ... on MessageSent { conversation { position lastMessage { content } messages(last: 5) { nodes { content } } } } } }'
    const { json } = await (await select(query, {}, alice, tenant)).render(sent())
    expect(json).not.toContain('said after leaving')
    expect(JSON.parse(json)).toMatchObject({
      data: { inbox: { conversation: { position: encodeCursor(cursor(40)), lastMessage: { content: 'hello' } } } },
    })
    expect(asked).toEqual(
      expect.arrayContaining([
        [4, { direction: 'backward', count: 5, cursor: null }],
        [4, { direction: 'backward', count: 1, cursor: null }],
      ]),
    )
  })

  test('the message that is answered is shown, unless it is of another conversation', async () => {
    const query =
      'subscription { inbox { ... on MessageSent { message { replyTo { content } conversation { title } } } } }'
    const answering = (conversationId: string) => ({
      conversations: { byIds: async () => [conversation()] },
      messages: { byIds: async () => [message({ id: 'm1', conversationId, content: 'asked' })] },
    })
    const item = sent(message({ replyToId: 'm1' }))
    const here = await (await select(query, {}, alice, answering('c1'))).render(item)
    expect(JSON.parse(here.json)).toMatchObject({
      data: { inbox: { message: { replyTo: { content: 'asked' }, conversation: { title: 'Tea' } } } },
    })
    const elsewhere = await (await select(query, {}, alice, answering('c2'))).render({ ...item })
    expect(JSON.parse(elsewhere.json)).toMatchObject({ data: { inbox: { message: { replyTo: null } } } })
  })

  test('a replayed event of a membership that ended shows an ordinary member', async () => {
    const tenant = { members: { byKeys: async () => [undefined] } }
    const query = 'subscription { inbox { ... on MemberUpdated { member { user { id } role lastReadSeq } } } }'
    const { json } = await (await select(query, {}, alice, tenant)).render(event('MemberUpdated', { userId: 'carol' }))
    expect(JSON.parse(json)).toMatchObject({
      data: { inbox: { member: { user: { id: 'carol' }, role: 'MEMBER', lastReadSeq: 0 } } },
    })
  })

  test('reads once what the items of one page of the log have in common', async () => {
    const asked: (readonly string[])[] = []
    const messages = {
      byIds: async (ids: readonly string[]) => {
        asked.push(ids)
        return ids.map(id => message({ id }))
      },
    }
    const selection = await select('subscription { inbox { ... on MessageSent { message { content } } } }', {}, alice, {
      messages,
    })
    const page = {}
    const items = ['m1', 'm2', 'm1'].map(messageId => ({ ...event('MessageSent', { messageId }), page }))
    await Promise.all(items.map(item => selection.render(item)))
    await selection.render({ ...event('MessageSent', { messageId: 'm2' }), page })
    expect(asked).toEqual([['m1', 'm2']])
    await selection.render(event('MessageSent', { messageId: 'm2' }))
    expect(asked).toEqual([['m1', 'm2'], ['m2']])
  })
})
