import { describe, expect, test } from 'vitest'
import { RequestError } from '../../src/domain/errors.ts'
import { encodeCursor } from '../../src/domain/position.ts'
import type { Live } from '../../src/services/services.ts'
import type { Sink } from '../../src/stream/sink.ts'
import { admitted, alice, cursor, fakeEngine } from './engine-fixture.ts'

const sink: Sink = { userId: 'alice', write: () => true, onDrain() {}, end() {} }
const subscription = { close() {} }

/** An engine whose services say what they were asked to open, as `[name, …arguments]`. */
function opening() {
  const asked: unknown[][] = []
  const lives: Live<never>[] = []
  const open =
    (name: string) =>
    async (...args: readonly unknown[]) => {
      asked.push([name, ...args.slice(1, -1)])
      lives.push(args.at(-1) as Live<never>)
      expect(args[0]).toBe(alice)
      return subscription
    }
  const { engine } = fakeEngine({
    streams: { openInbox: open('inbox'), openConversation: open('conversation') },
    typing: { open: open('typing') },
    receipts: { openReads: open('reads'), openDeliveries: open('deliveries') },
    presence: { open: open('presence') },
    signals: { open: open('signals') },
  })
  const subscribe = (query: string, variables = {}, extensions = {}, resumeAfter?: string) => {
    const request = { ...admitted(engine, query, variables) }
    return engine.subscribe(
      { ...request, request: { ...request.request, extensions } },
      { viewer: alice, session: null },
      sink,
      resumeAfter,
    )
  }
  return { asked, lives, subscribe }
}

describe('subscribing', () => {
  test.for([
    ['{ inbox { position } }', ['inbox', null]],
    ['{ mine: inbox { position } }', ['inbox', null]],
    ['{ ... on Subscription { ...F } } fragment F on Subscription { inbox { position } }', ['inbox', null]],
    ['{ conversationEvents(conversationId: "c1") { position } }', ['conversation', 'c1', null]],
    ['{ typing(conversationId: "c1") { isTyping } }', ['typing', 'c1']],
    ['{ readReceipts(conversationId: "c1") { seq } }', ['reads', 'c1']],
    ['{ deliveries(conversationId: "c1") { seq } }', ['deliveries', 'c1']],
    ['{ presence { status } }', ['presence', { userIds: null, conversationId: null }]],
    ['{ presence(userIds: ["a", "b"]) { status } }', ['presence', { userIds: ['a', 'b'], conversationId: null }]],
    ['{ presence(conversationId: "c1") { status } }', ['presence', { userIds: null, conversationId: 'c1' }]],
    ['{ signals { type } }', ['signals', null]],
    ['{ signals(conversationId: "c1") { type } }', ['signals', 'c1']],
  ] as const)('%s opens its stream with its arguments', async ([query, expected]) => {
    const { asked, lives, subscribe } = opening()
    expect(await subscribe(`subscription ${query}`)).toBe(subscription)
    expect(asked).toEqual([expected])
    expect(lives[0]?.sink).toBe(sink)
  })

  test('begins after the transport’s position, else the request’s, else the argument', async () => {
    const { asked, subscribe } = opening()
    const at = (position: number) => encodeCursor(cursor(position))
    const query = 'subscription ($p: Position) { inbox(after: $p) { position } }'
    await subscribe(query, { p: at(1) })
    await subscribe(query, { p: at(1) }, { resumeAfter: at(2) })
    await subscribe(query, { p: at(1) }, { resumeAfter: at(2) }, at(3))
    await subscribe(query, {}, { resumeAfter: null })
    expect(asked).toEqual([
      ['inbox', cursor(1)],
      ['inbox', cursor(2)],
      ['inbox', cursor(3)],
      ['inbox', null],
    ])
  })

  test('a position that is none is BAD_USER_INPUT, and opens nothing', async () => {
    const { asked, subscribe } = opening()
    const inbox = 'subscription ($p: Position) { inbox(after: $p) { position } }'
    const results = await Promise.all([
      subscribe(inbox, { p: 'rubbish' }),
      subscribe(inbox, { p: 7 }),
      subscribe(inbox, {}, { resumeAfter: 'rubbish' }),
      subscribe(inbox, {}, { resumeAfter: { a: 1 } }),
      subscribe(inbox, {}, {}, 'rubbish'),
    ])
    for (const result of results) expect(result).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect(asked).toEqual([])
  })

  test('what the service refuses is the answer', async () => {
    const openInbox = () => Promise.reject(new RequestError('TOO_MANY_SELECTIONS', 'Too many.', { limit: 8 }))
    const { engine } = fakeEngine({ streams: { openInbox } })
    const refused = await engine.subscribe(
      admitted(engine, 'subscription { inbox { position } }'),
      { viewer: alice, session: null },
      sink,
    )
    expect(refused).toMatchObject([{ message: 'Too many.', extensions: { code: 'TOO_MANY_SELECTIONS', limit: 8 } }])
  })

  test('a stream without a log renders results without a position', async () => {
    const { lives, subscribe } = opening()
    await subscribe('subscription { typing(conversationId: "c1") { user { id } isTyping expiresAt } }')
    const typing: unknown = { conversationId: 'c1', userId: 'bob', isTyping: true, expiresAt: new Date(0) }
    expect(await lives[0]?.selection.render(typing as never)).toEqual({
      json: '{"data":{"typing":{"user":{"id":"bob"},"isTyping":true,"expiresAt":"1970-01-01T00:00:00.000Z"}}}',
      position: null,
    })
  })
})
