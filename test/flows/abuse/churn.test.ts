import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Listening, listen, listenToEvents } from '../../support/listening.ts'
import * as say from '../../support/sayings.ts'
import { type Person, startTestServer, type TestServer } from '../../support/server.ts'
import { present } from './log.ts'

/** Members who come and go, and people who meet, while all of them talk. */

const TOLD = /* GraphQL */ `
  __typename
  ... on ConversationEvent { seq conversationId }
  ... on MessageSent { message { sender { id } content } }
  ... on MemberLeft { user { id } }
  ... on MemberJoined { member { user { id } } }
`
const INBOX = `subscription Inbox($after: Position) { told: inbox(after: $after) { ${TOLD} } }`
const LOG = `query Log($after: Position!) { events(after: $after) { pageInfo { hasNextPage endCursor } nodes { ${TOLD} } } }`
const ADD = /* GraphQL */ `
  mutation Add($room: ID!, $userId: ID!) {
    addMembers(input: { conversationId: $room, userIds: [$userId] }) { userErrors { code } }
  }
`
const SEND = /* GraphQL */ `
  mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { message { seq } userErrors { code } } }
`
const DIRECT = /* GraphQL */ `
  mutation Direct($input: SendDirectMessageInput!) {
    sendDirectMessage(input: $input) { message { conversationId } userErrors { code } }
  }
`
const CREATE = /* GraphQL */ `
  mutation Create($key: String!, $title: String!) {
    createConversation(input: { kind: GROUP, title: $title, memberIds: ["bob"], idempotencyKey: $key }) {
      conversation { id title }
      userErrors { code }
    }
  }
`

interface Told {
  readonly __typename: string
  readonly seq?: number
  readonly conversationId?: string
  readonly message?: { readonly sender: { readonly id: string }; readonly content: string }
  readonly user?: { readonly id: string }
  readonly member?: { readonly user: { readonly id: string } }
}
interface Stream {
  readonly told: Told
}
interface Sent {
  readonly message: { readonly seq: number } | null
  readonly userErrors: readonly { readonly code: string }[]
}

describe.each(['pglite', 'postgres'] as const)('on %s', database => {
  let server: TestServer
  let tenants = 0
  let alice: Person
  let bob: Person
  let start: string
  beforeAll(async () => {
    server = await startTestServer({ database })
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    const tenantId = `tenant-${++tenants}`
    alice = await server.person('alice', { tenantId })
    bob = await server.person('bob', { tenantId })
    await say.look(bob)
    start = (await say.look(alice)).viewer.position
  })

  async function readLog(person: Person): Promise<readonly Told[]> {
    const log: Told[] = []
    for (let after = start, more = true; more; ) {
      const { data } = await person.ask(LOG, { after })
      const page = data?.['events'] as { pageInfo: { endCursor: string; hasNextPage: boolean }; nodes: Told[] }
      log.push(...page.nodes)
      after = page.pageInfo.endCursor
      more = page.pageInfo.hasNextPage
    }
    return log.filter(({ seq }) => seq !== undefined)
  }

  const line = ({ __typename, conversationId, seq }: Told) => `${conversationId} ${seq} ${__typename}`
  const heardBy = ({ results }: Listening<Stream>) =>
    results.flatMap(({ data: { told } }) => (told.seq === undefined ? [] : [line(told)]))

  test('who is removed and added 30 times hears exactly what the memberships had, live and in replay', async () => {
    const rooms = [await say.createGroup(alice, ['bob']), await say.createGroup(alice, ['bob'])]
    const overSocket = listen<Stream>(bob.socket(), INBOX, { variables: { after: start } })
    const overEvents = listenToEvents<Stream>(server, bob, INBOX, { variables: { after: start } })
    for (const each of [overSocket, overEvents]) await each.first(({ told }) => told.__typename === 'CaughtUp')
    let over = false
    const talking = rooms.flatMap(room =>
      [1, 2, 3].map(async () => {
        for (let n = 0; !over; n++) await say.send(alice, room, `${n}`)
      }),
    )
    const churning = rooms.map(async room => {
      for (let n = 0; n < 30; n++) {
        await say.removeMember(alice, room, 'bob')
        expect(await alice.ask(ADD, { room, userId: 'bob' })).toEqual({ data: { addMembers: { userErrors: [] } } })
      }
    })
    await Promise.all(churning)
    over = true
    await Promise.all(talking)
    for (const room of rooms) await say.send(alice, room, 'the end')

    const away = new Set<string>()
    const own = (await readLog(alice)).flatMap(told => {
      const room = present(told.conversationId)
      if (told.__typename === 'MemberJoined' && told.member?.user.id === 'bob') away.delete(room)
      const hears = !away.has(room)
      if (told.__typename === 'MemberLeft') away.add(room)
      return hears ? [line(told)] : []
    })
    const replayed = listen<Stream>(bob.socket(), INBOX, { variables: { after: start } })
    for (const stream of [overSocket, overEvents, replayed]) {
      const isLast = ({ told }: Stream) => line(told) === own.at(-1)
      await stream.first(isLast)
      expect(heardBy(stream)).toEqual(own)
      stream.stop()
    }
    expect((await readLog(bob)).map(line)).toEqual(own)
    expect(own.length).toBeLessThan((await readLog(alice)).length)
  }, 60_000)

  test('who is removed while sending has said nothing after it, and is told so of every message', async () => {
    const room = await say.createGroup(alice, ['bob'])
    let removing: Promise<unknown> | undefined
    const answers = await Promise.all(
      Array.from({ length: 300 }, async (_, n) => {
        const input = { conversationId: room, content: `${n}`, clientMessageId: `${n}` }
        const { data, errors } = await bob.ask(SEND, { input })
        expect(errors).toBeUndefined()
        if (n === 10) removing = say.removeMember(alice, room, 'bob')
        return { n, ...(data?.['sendMessage'] as Sent) }
      }),
    )
    await removing
    const after = await bob.ask(SEND, { input: { conversationId: room, content: 'late', clientMessageId: 'late' } })
    expect(after.data).toEqual({ sendMessage: { message: null, userErrors: [{ code: 'NOT_FOUND' }] } })
    const log = await readLog(alice)
    const left = present(log.find(({ __typename }) => __typename === 'MemberLeft')?.seq)
    const stored = log.flatMap(({ seq, message }) => (message ? [`${seq} ${message.content}`] : []))
    const sent = answers.flatMap(({ n, message }) => (message === null ? [] : [`${message.seq} ${n}`]))
    expect(sent.toSorted()).toEqual(stored.toSorted())
    expect(sent.length).toBeGreaterThan(0)
    expect(sent.length).toBeLessThan(300)
    for (const { message } of answers) expect(message?.seq ?? 0).toBeLessThan(left)
    for (const { message, userErrors } of answers) {
      expect(userErrors).toEqual(message === null ? [{ code: 'NOT_FOUND' }] : [])
    }
  })

  test('two who write to each other first at the same moment get one conversation with every word', async () => {
    const write = (person: Person, to: string, n: number) =>
      person.ask(DIRECT, { input: { userIds: [to], content: `${person.id} ${n}`, clientMessageId: `d${n}` } })
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? write(alice, 'bob', n) : write(bob, 'alice', n))),
    )
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toMatchObject({ data: { sendDirectMessage: { userErrors: [] } } })
    const log = await readLog(bob)
    expect(log.filter(({ __typename }) => __typename === 'ConversationCreated')).toHaveLength(1)
    expect(log.flatMap(({ message }) => message?.content ?? []).toSorted()).toEqual(
      Array.from({ length: 40 }, (_, n) => `${n % 2 === 0 ? 'alice' : 'bob'} ${n}`).toSorted(),
    )
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, n) => n + 1))
  })

  test('one idempotencyKey at once from many places makes one conversation, and another input is a conflict', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) => alice.ask(CREATE, { key: 'k', title: n % 3 === 0 ? 'One' : 'Other' })),
    )
    const made = answers.map(({ data }) => JSON.stringify(data))
    const kinds = [...new Set(made)]
    expect(kinds).toHaveLength(2)
    expect(kinds.filter(kind => kind.includes('IDEMPOTENCY_CONFLICT'))).toHaveLength(1)
    expect((await readLog(bob)).map(({ __typename }) => __typename)).toEqual(['ConversationCreated'])
  })
})
