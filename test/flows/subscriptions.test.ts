import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Listening, listen, listenToEvents, type Subscribing } from '../support/listening.ts'
import { createManualClock } from '../support/manual-clock.ts'
import * as say from '../support/sayings.ts'
import { type Person, startTestServer, type TestServer } from '../support/server.ts'

const clock = createManualClock(Date.now())
// A clock that jumps leaves clients no time to answer a ping.
const PINGS_ASIDE = { PING_INTERVAL_MS: '3600000', HEARTBEAT_MS: '3600000' }
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ clock, env: PINGS_ASIDE })
})
afterAll(() => server.close())

type Open = <Data>(person: Person, query: string, rest?: Subscribing) => Listening<Data>

const transports: readonly (readonly [string, Open])[] = [
  ['WebSocket', (person, query, rest) => listen(person.socket(), query, rest)],
  ['Server-Sent Events', (person, query, rest) => listenToEvents(server, person, query, rest)],
]

let tenants = 0

describe.each(transports)('over %s', (_, open) => {
  let alice: Person
  let bob: Person
  let conversationId: string

  beforeEach(async () => {
    const tenantId = `tenant-${++tenants}`
    alice = await server.person('alice', { tenantId, name: 'Alice' })
    bob = await server.person('bob', { tenantId, name: 'Bob' })
    await Promise.all([alice.ask('{ viewer { tenantId } }'), bob.ask('{ viewer { tenantId } }')])
    conversationId = await say.createGroup(alice, ['bob'])
  })

  const INBOX = /* GraphQL */ `
    subscription Inbox($after: Position) {
      inbox(after: $after) {
        __typename
        position
        ... on ConversationEvent { seq actor { id } }
        ... on MessageSent { message { content } }
        ... on AccessRevoked { conversationId }
      }
    }
  `
  interface Inbox {
    readonly inbox: { readonly __typename: string; readonly position: string; readonly message?: { content: string } }
  }
  const names = (listening: Listening<Inbox>) => listening.results.map(({ data }) => data.inbox.__typename)
  const caughtUp = (listening: Listening<Inbox>) => listening.first(data => data.inbox.__typename === 'CaughtUp')
  const content = (text: string) => (data: Inbox) => data.inbox.message?.content === text

  test('inbox says every durable event of every conversation, and where it stands', async () => {
    const inbox = open<Inbox>(bob, INBOX)
    await caughtUp(inbox)
    const first = await say.send(alice, conversationId, 'one')
    await say.edit(alice, first, 'two')
    await say.remove(alice, first)
    await say.rename(alice, conversationId, 'A title')
    await say.setRole(alice, conversationId, 'bob', 'ADMIN')
    const second = await say.createGroup(alice, ['bob'])
    await say.leave(bob, second)
    await inbox.first(data => data.inbox.__typename === 'AccessRevoked')
    expect(names(inbox)).toEqual([
      'CaughtUp',
      'MessageSent',
      'MessageEdited',
      'MessageDeleted',
      'ConversationUpdated',
      'MemberUpdated',
      'ConversationCreated',
      'MemberLeft',
      'AccessRevoked',
    ])
    for (const { data, extensions } of inbox.results) expect(extensions).toEqual({ position: data.inbox.position })
    inbox.stop()
  })

  test('an event shows all that hangs on it, to a member as it is and after the membership as it was', async () => {
    const query = /* GraphQL */ `
      subscription Whole($after: Position) {
        inbox(after: $after) {
          __typename
          ... on MessageSent {
            message { content sender { name } replyTo { content } mentions { id } receipts { nodes { user { id } } } }
            conversation { title position lastMessage { content } messages { nodes { content } } unreadCount }
          }
        }
      }
    `
    const { viewer } = await say.look(bob)
    const whole = open<Inbox>(bob, query)
    await caughtUp(whole)
    await say.send(alice, conversationId, 'one')
    const live = await whole.first(content('one'))
    expect(live.inbox).toMatchObject({
      message: {
        sender: { name: 'Alice' },
        replyTo: null,
        mentions: [],
        receipts: { nodes: [{ user: { id: 'bob' } }] },
      },
      conversation: { lastMessage: { content: 'one' }, messages: { nodes: [{ content: 'one' }] }, unreadCount: 1 },
    })
    whole.stop()
    await say.removeMember(alice, conversationId, 'bob')
    await say.send(alice, conversationId, 'without Bob')
    const replayed = open<Inbox>(bob, query, { variables: { after: viewer.position } })
    await caughtUp(replayed)
    expect(JSON.stringify(replayed.results)).not.toContain('without Bob')
    expect(await replayed.first(content('one'))).toMatchObject({
      inbox: { conversation: { lastMessage: { content: 'one' }, messages: { nodes: [{ content: 'one' }] } } },
    })
    replayed.stop()
  })

  test('inbox after a position says what was missed, once, then goes on live', async () => {
    const { viewer } = await say.look(bob)
    await say.send(alice, conversationId, 'missed 1')
    await say.send(alice, conversationId, 'missed 2')
    const inbox = open<Inbox>(bob, INBOX, { variables: { after: viewer.position } })
    await caughtUp(inbox)
    await say.send(alice, conversationId, 'live')
    await inbox.first(content('live'))
    expect(names(inbox)).toEqual(['MessageSent', 'MessageSent', 'CaughtUp', 'MessageSent'])
    const [seen] = inbox.results
    inbox.stop()
    const again = open<Inbox>(bob, INBOX, {
      variables: { after: viewer.position },
      extensions: { resumeAfter: seen?.extensions?.['position'] },
    })
    await again.first(content('live'))
    await caughtUp(again)
    expect(names(again)).toEqual(['MessageSent', 'MessageSent', 'CaughtUp'])
    again.stop()
  })

  test('a cursor that is none is an error, and a stale one is told to fetch anew', async () => {
    const rubbish = open<Inbox>(bob, INBOX, { variables: { after: 'rubbish' } })
    expect(await rubbish.ended).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    const stale = open<Inbox>(bob, INBOX, { variables: { after: 'AQAAAAAAAAAAAAAAAAAAAAA' } })
    await caughtUp(stale)
    expect(names(stale)).toEqual(['ResyncRequired', 'CaughtUp'])
    stale.stop()
  })

  test('conversationEvents go on from where the history ended, and end with the membership', async () => {
    await say.send(alice, conversationId, 'history')
    const { conversation } = await say.history(bob, conversationId)
    expect(conversation.messages.nodes).toEqual([{ content: 'history' }])
    await say.send(alice, conversationId, 'after the history')
    const query = INBOX.replace('inbox(', 'conversationEvents(conversationId: $conversationId, ').replace(
      '$after: Position',
      '$conversationId: ID!, $after: Position',
    )
    const events = open<{ conversationEvents: Inbox['inbox'] }>(bob, query, {
      variables: { conversationId, after: conversation.position },
    })
    await events.first(data => data.conversationEvents.__typename === 'CaughtUp')
    await say.removeMember(alice, conversationId, 'bob')
    expect(await events.ended).toBeUndefined()
    await say.send(alice, conversationId, 'without Bob')
    expect(events.results.map(({ data }) => data.conversationEvents.__typename)).toEqual([
      'MessageSent',
      'CaughtUp',
      'MemberLeft',
      'AccessRevoked',
    ])
  })

  const TYPING = /* GraphQL */ `
    subscription Typing($conversationId: ID!) { typing(conversationId: $conversationId) { user { id } isTyping } }
  `
  interface Typing {
    readonly typing: { readonly user: { readonly id: string }; readonly isTyping: boolean }
  }

  test('typing shows who types now, then each change; it is forgotten after 10 s, and by a message', async () => {
    await say.type(alice, conversationId)
    const typing = open<Typing>(bob, TYPING, { variables: { conversationId } })
    await typing.first(data => data.typing.isTyping)
    clock.advance(10_001)
    await typing.first(data => !data.typing.isTyping)
    await say.type(alice, conversationId)
    await say.send(alice, conversationId, 'done')
    await untilCount(typing, 4)
    expect(typing.results.map(({ data }) => data.typing.isTyping)).toEqual([true, false, true, false])
    typing.stop()
  })

  test('a removed member’s other streams end as revoked', async () => {
    const typing = open<Typing>(bob, TYPING, { variables: { conversationId } })
    await say.type(alice, conversationId)
    await typing.first(data => data.typing.isTyping)
    await say.removeMember(alice, conversationId, 'bob')
    expect(await typing.ended).toMatchObject([{ extensions: { code: 'ACCESS_REVOKED' } }])
    const refused = open<Typing>(bob, TYPING, { variables: { conversationId } })
    expect(await refused.ended).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }])
  })

  test('readReceipts say how far each member has read, then each advance', async () => {
    const first = await say.send(alice, conversationId, 'one')
    await say.markRead(bob, first)
    const query = /* GraphQL */ `
      subscription Reads($conversationId: ID!) {
        readReceipts(conversationId: $conversationId) { user { id name } messageId seq readAt }
      }
    `
    const reads = open<{ readReceipts: { messageId: string } }>(alice, query, { variables: { conversationId } })
    await reads.first(data => data.readReceipts.messageId === first)
    const second = await say.send(alice, conversationId, 'two')
    await say.markRead(bob, second)
    const advance = await reads.first(data => data.readReceipts.messageId === second)
    const readAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(advance).toEqual({ readReceipts: { user: { id: 'bob', name: 'Bob' }, messageId: second, seq: 3, readAt } })
    expect(reads.results).toHaveLength(2)
    reads.stop()
  })

  test('deliveries say SENT once for each message, then what became of it', async () => {
    const query = /* GraphQL */ `
      subscription Deliveries($conversationId: ID!) {
        deliveries(conversationId: $conversationId) { user { id } messageId status reason }
      }
    `
    interface Deliveries {
      readonly deliveries: { readonly messageId: string; readonly status: string; readonly user: unknown }
    }
    const before = await say.send(alice, conversationId, 'before')
    await say.markDelivered(bob, before)
    const deliveries = open<Deliveries>(alice, query, { variables: { conversationId } })
    await deliveries.first(data => data.deliveries.messageId === before)
    const message = await say.send(alice, conversationId, 'now')
    await say.reportFailure(bob, message, 'no key')
    await say.markDelivered(bob, message)
    await deliveries.first(data => data.deliveries.messageId === message && data.deliveries.status === 'DELIVERED')
    const bobs = { user: { id: 'bob' }, reason: null }
    expect(deliveries.results.map(({ data }) => data.deliveries)).toEqual([
      { ...bobs, messageId: before, status: 'DELIVERED' },
      { user: null, messageId: message, status: 'SENT', reason: null },
      { ...bobs, messageId: message, status: 'FAILED', reason: 'no key' },
      { ...bobs, messageId: message, status: 'DELIVERED' },
    ])
    deliveries.stop()
  })

  test('presence says the state, then changes: online, away after 5 idle minutes', async () => {
    const query = /* GraphQL */ `
      subscription Presence { presence(userIds: ["bob"]) { user { id } status statusText } }
    `
    const presence = open<{ presence: { status: string } }>(alice, query)
    await presence.first(data => data.presence.status === 'OFFLINE')
    const bobs = open<Inbox>(bob, INBOX)
    await caughtUp(bobs)
    await presence.first(data => data.presence.status === 'ONLINE')
    clock.advance(5 * 60_000 + 1)
    await presence.first(data => data.presence.status === 'AWAY')
    bobs.stop()
    presence.stop()
    expect(presence.results.map(({ data }) => data.presence.status)).toEqual(['OFFLINE', 'ONLINE', 'AWAY'])
  })

  test('signals reach one member or every other member, and are never stored', async () => {
    const query = /* GraphQL */ `
      subscription Signals { signals { from { id } type payload toUserId } }
    `
    const bobs = open<{ signals: { type: string } }>(bob, query)
    const alices = open<{ signals: { type: string } }>(alice, query)
    // A stream of signals says nothing by itself: it is open once one arrives.
    await untilHeard(bobs, () => say.signal(alice, conversationId, 'probe'))
    await untilHeard(alices, () => say.signal(bob, conversationId, 'probe'))
    await say.signal(alice, conversationId, 'offer', 'bob')
    await say.signal(alice, conversationId, 'ring')
    await say.signal(bob, conversationId, 'answer', 'alice')
    await bobs.first(data => data.signals.type === 'ring')
    await alices.first(data => data.signals.type === 'answer')
    const types = (listening: typeof bobs) =>
      listening.results.map(({ data }) => data.signals.type).filter(type => type !== 'probe')
    expect([types(bobs), types(alices)]).toEqual([['offer', 'ring'], ['answer']])
    bobs.stop()
    alices.stop()
  })
})

async function untilCount(listening: Listening<unknown>, count: number): Promise<void> {
  await listening.first(() => listening.results.length >= count)
}

/** Says it again until it is heard. */
async function untilHeard(listening: Listening<unknown>, probe: () => Promise<unknown>): Promise<void> {
  while (listening.results.length === 0) await probe()
}
