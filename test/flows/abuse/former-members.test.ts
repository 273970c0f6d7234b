import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen } from '../../support/listening.ts'
import * as say from '../../support/sayings.ts'
import { type Person, startTestServer, type TestServer } from '../../support/server.ts'

/** Everything that hangs on an event, by every path that leads to words. */
const SHOWN = /* GraphQL */ `
  __typename
  ... on ConversationEvent {
    conversation {
      title
      memberCount
      metadata
      archivedAt
      members(first: 10) { nodes { user { id } lastReadSeq lastReadAt } }
      messages(last: 10) { nodes { content } }
      lastMessage { content }
    }
  }
  ... on MessageSent {
    message {
      content
      replyTo { content }
      receipts(first: 10) { nodes { user { id } readAt } }
      conversation { title lastMessage { content } }
    }
  }
  ... on MessageEdited { message { content } }
  ... on MemberJoined { member { role lastReadSeq lastReadAt } }
`
const EVENTS = `query Catch($after: Position!) { events(after: $after, first: 20) { nodes { ${SHOWN} } } }`
const INBOX = `subscription Inbox($after: Position) { inbox(after: $after) { ${SHOWN} } }`

let server: TestServer
let alice: Person
let bob: Person
let carol: Person
beforeAll(async () => {
  server = await startTestServer()
  ;[alice, bob, carol] = await Promise.all([server.person('alice'), server.person('bob'), server.person('carol')])
  for (const person of [alice, bob, carol]) await person.ask('{ viewer { tenantId } }')
})
afterAll(() => server.close())

const act = (person: Person, field: string, type: string, input: Record<string, unknown>) =>
  person.ask(`mutation Act($input: ${type}!) { ${field}(input: $input) { userErrors { code } } }`, { input })

/** Bob saw two messages and a joining, and left; then all that he saw was changed. Resolves to where he began. */
async function changedSinceBobLeft(): Promise<{ readonly before: string; readonly conversationId: string }> {
  const conversationId = await say.createGroup(alice, ['bob'])
  await say.rename(alice, conversationId, 'Holidays')
  const { viewer } = await say.look(bob)
  const first = await say.send(alice, conversationId, 'first words')
  const input = { conversationId, content: 'an answer', clientMessageId: conversationId, replyToId: first }
  await act(alice, 'sendMessage', 'SendMessageInput', input)
  await act(alice, 'addMembers', 'AddMembersInput', { conversationId, userIds: ['carol'] })
  await say.removeMember(alice, conversationId, 'bob')
  await say.edit(alice, first, 'SECRET words')
  await say.rename(alice, conversationId, 'SECRET title')
  await act(alice, 'updateConversation', 'UpdateConversationInput', { conversationId, metadata: { word: 'SECRET' } })
  await say.markRead(carol, await say.send(alice, conversationId, 'SECRET message'))
  await act(alice, 'archiveConversation', 'ArchiveConversationInput', { conversationId, archived: true })
  return { before: viewer.position, conversationId }
}

interface Shown {
  readonly __typename: string
  readonly conversation?: object
  readonly message?: { readonly content: string | null }
}

function expectNothingNew(shown: readonly Shown[]): void {
  expect(shown.map(each => each.__typename)).toEqual([
    'MessageSent',
    'MessageSent',
    'MemberJoined',
    'MemberLeft',
    'AccessRevoked',
    'CaughtUp',
  ])
  expect(JSON.stringify(shown)).not.toContain('SECRET')
  expect(JSON.stringify(shown)).not.toMatch(/"(readAt|lastReadAt|archivedAt)":"/)
  const [first, second, joined] = shown
  expect(first?.message).toMatchObject({ content: null, receipts: { nodes: [] }, conversation: { title: null } })
  expect(second?.message).toMatchObject({ content: 'an answer', replyTo: { content: null } })
  expect(second?.conversation).toMatchObject({ title: null, memberCount: 0, members: { nodes: [] } })
  expect(joined).toMatchObject({ member: { role: 'MEMBER', lastReadSeq: 0 } })
}

describe('who replays what came before a removal is shown nothing that came after it', () => {
  test('as a page of events', async () => {
    const { before } = await changedSinceBobLeft()
    const { data } = await bob.ask(EVENTS, { after: before })
    const { events } = data as { readonly events: { readonly nodes: readonly Shown[] } }
    expectNothingNew(events.nodes)
  })

  test('as an inbox', async () => {
    const { before } = await changedSinceBobLeft()
    const inbox = listen<{ inbox: Shown }>(bob.socket(), INBOX, { variables: { after: before } })
    await inbox.first(data => data.inbox.__typename === 'CaughtUp')
    expectNothingNew(inbox.results.map(({ data }) => data.inbox))
    inbox.stop()
  })

  test('as an inbox that comes from the log to what is kept in memory', async () => {
    // Whoever listens keeps the tenant's newest events in memory; the log gives a hundred at a time.
    const other = listen<{ inbox: Shown }>(carol.socket(), INBOX)
    await other.first(data => data.inbox.__typename === 'CaughtUp')
    const conversationId = await say.createGroup(alice, ['bob'])
    const { viewer } = await say.look(bob)
    const all: string[] = []
    for (let n = 1; n <= 120; n++) all.push(await say.send(alice, conversationId, `message ${n}`))
    await say.removeMember(alice, conversationId, 'bob')
    for (const messageId of [all[9], all[109]]) await say.edit(alice, messageId ?? '', 'SECRET words')
    await say.rename(alice, conversationId, 'SECRET title')
    const inbox = listen<{ inbox: Shown }>(bob.socket(), INBOX, { variables: { after: viewer.position } })
    await inbox.first(data => data.inbox.__typename === 'CaughtUp')
    const contents = inbox.results.flatMap(({ data }) => (data.inbox.message ? [data.inbox.message.content] : []))
    expect(contents).toHaveLength(120)
    expect(contents[9]).toBeNull()
    expect(contents[109]).toBeNull()
    expect(JSON.stringify(inbox.results)).not.toContain('SECRET')
    for (const listening of [inbox, other]) listening.stop()
  })

  test('and once back among the members, everything as it is', async () => {
    const { before, conversationId } = await changedSinceBobLeft()
    await act(alice, 'archiveConversation', 'ArchiveConversationInput', { conversationId, archived: false })
    await act(alice, 'addMembers', 'AddMembersInput', { conversationId, userIds: ['bob'] })
    const { data } = await bob.ask(EVENTS, { after: before })
    const { events } = data as { readonly events: { readonly nodes: readonly Shown[] } }
    expect(events.nodes[0]).toMatchObject({
      conversation: { title: 'SECRET title', memberCount: 3 },
      message: { content: 'SECRET words' },
    })
    // What was said while Bob was away is not replayed.
    expect(events.nodes.filter(each => each.message?.content === 'SECRET message')).toEqual([])
  })
})
