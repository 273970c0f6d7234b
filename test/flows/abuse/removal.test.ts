import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Listening, listen, listenToEvents, type Subscribing } from '../../support/listening.ts'
import * as say from '../../support/sayings.ts'
import { type Person, startTestServer, type TestServer } from '../../support/server.ts'
import { present } from './log.ts'

const MESSAGES = 200

type Open = <Data>(server: TestServer, person: Person, query: string, rest?: Subscribing) => Listening<Data>

const transports: readonly (readonly [string, Open])[] = [
  ['WebSocket', (_, person, query, rest) => listen(person.socket(), query, rest)],
  ['Server-Sent Events', listenToEvents],
]

const TOLD = /* GraphQL */ `
  __typename
  ... on ConversationEvent { seq at conversationId }
  ... on MemberLeft { user { id } }
  ... on MemberJoined { member { user { id } } }
  ... on AccessRevoked { conversationId }
`
const INBOX = `subscription Inbox($after: Position) { told: inbox(after: $after) { ${TOLD} } }`
const EVENTS = `subscription Events($room: ID!) { told: conversationEvents(conversationId: $room) { ${TOLD} } }`
const TYPING = 'subscription Typing($room: ID!) { typing(conversationId: $room) { user { id } isTyping } }'
const READS = 'subscription Reads($room: ID!) { readReceipts(conversationId: $room) { user { id } seq readAt } }'
const DELIVERIES = 'subscription Deliveries($room: ID!) { deliveries(conversationId: $room) { seq status at } }'
const PRESENCE = 'subscription Presence($room: ID!) { presence(conversationId: $room) { user { id } status } }'
const SIGNALS = 'subscription Signals($room: ID) { signals(conversationId: $room) { type conversationId } }'
const LOG = `query Log($after: Position!) { events(after: $after) { pageInfo { hasNextPage endCursor } nodes { ${TOLD} } } }`
const CREATE = /* GraphQL */ `
  mutation Create {
    createConversation(input: { kind: PUBLIC, memberIds: ["sam", "bob", "cyd", "dan"] }) { conversation { id } }
  }
`
const JOIN = 'mutation Join($room: ID!) { joinConversation(input: { conversationId: $room }) { userErrors { code } } }'

interface Made {
  readonly createConversation: { readonly conversation: { readonly id: string } }
}
interface Told {
  readonly __typename: string
  readonly seq?: number
  readonly at?: string
  readonly conversationId?: string
  readonly user?: { readonly id: string }
  readonly member?: { readonly user: { readonly id: string } }
}
interface Stream {
  readonly told: Told
}
interface Reads {
  readonly readReceipts: { readonly seq: number; readonly readAt: string }
}
interface Deliveries {
  readonly deliveries: { readonly seq: number; readonly status: string; readonly at: string }
}
interface Signals {
  readonly signals: { readonly type: string; readonly conversationId: string }
}

let server: TestServer
let tenants = 0
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

describe.each(transports)('over %s, while 200 messages flow', (_, openBy) => {
  let alice: Person
  let sam: Person
  let bob: Person
  let cyd: Person
  let dan: Person
  let room: string
  let other: string
  let start: string

  beforeEach(async () => {
    const tenantId = `tenant-${++tenants}`
    const enter = (id: string) => server.person(id, { tenantId })
    ;[alice, sam, bob, cyd, dan] = await Promise.all([
      enter('alice'),
      enter('sam'),
      enter('bob'),
      enter('cyd'),
      enter('dan'),
    ])
    for (const person of [sam, bob, cyd, dan]) await say.look(person)
    start = (await say.look(alice)).viewer.position
    const made = await alice.ask(CREATE)
    room = present(made.data as Made | null | undefined).createConversation.conversation.id
    other = await say.createGroup(alice, ['bob'])
  })

  const open = <Data>(person: Person, query: string, variables: Record<string, unknown> = { room }) =>
    openBy<Data>(server, person, query, { variables })
  const caughtUp = (stream: Listening<Stream>) => stream.first(({ told }) => told.__typename === 'CaughtUp')

  /** All of a member's streams, each known to be open. */
  async function openAll(person: Person) {
    const inbox = open<Stream>(person, INBOX, {})
    const events = open<Stream>(person, EVENTS)
    await Promise.all([caughtUp(inbox), caughtUp(events)])
    const presence = open<Record<string, unknown>>(person, PRESENCE)
    await presence.first(() => true)
    const first = await say.send(alice, room, 'first')
    await say.markRead(alice, first)
    await say.type(alice, room)
    const typing = open<{ readonly typing: { readonly user: { readonly id: string } } }>(person, TYPING)
    const reads = open<Reads>(person, READS)
    const deliveries = open<Deliveries>(person, DELIVERIES)
    await Promise.all([typing.first(() => true), reads.first(() => true), deliveries.first(() => true)])
    const signals = open<Signals>(person, SIGNALS)
    const allSignals = open<Signals>(person, SIGNALS, {})
    for (const each of [signals, allSignals]) while (each.results.length === 0) await say.signal(alice, room, 'probe')
    return { inbox, events, guarded: { presence, typing, reads, deliveries, signals }, allSignals }
  }

  /** Sends all of them at once; when a part is acknowledged, `happens`; then come things that only who is still there may hear. */
  async function flow(happens: () => Promise<unknown>): Promise<void> {
    let acknowledged = 0
    let happening: Promise<unknown> | undefined
    await Promise.all(
      Array.from({ length: MESSAGES }, async (_, n) => {
        const id = await say.send(sam, room, `${n}`)
        if (n % 5 === 0) await Promise.all([say.markRead(alice, id), say.signal(alice, room, 'early')])
        acknowledged += 1
        if (acknowledged === 60) happening = happens()
      }),
    )
    await happening
    const last = await say.send(sam, room, 'last')
    await Promise.all([say.markRead(cyd, last), say.type(cyd, room), say.signal(alice, room, 'late')])
    listen(dan.socket(), INBOX) // dan comes online
  }

  async function readLog(person: Person): Promise<readonly Told[]> {
    const log: Told[] = []
    for (let after = start, more = true; more; ) {
      const { data } = await person.ask(LOG, { after })
      const page = data?.['events'] as { pageInfo: { endCursor: string; hasNextPage: boolean }; nodes: Told[] }
      log.push(...page.nodes)
      after = page.pageInfo.endCursor
      more = page.pageInfo.hasNextPage
    }
    return log.filter(({ conversationId }) => conversationId === room)
  }

  const seqsOf = (told: readonly Told[]) =>
    told.flatMap(({ seq, conversationId }) => (seq !== undefined && conversationId === room ? [seq] : []))
  const heardBy = ({ results }: Listening<Stream>) => results.map(({ data }) => data.told)
  /** From the first that was heard on: what came before the stream was opened is not its matter. */
  const from = (first: number | undefined, seqs: readonly number[]) => seqs.filter(seq => seq >= (first ?? Infinity))

  async function expectNothingLater(streams: Awaited<ReturnType<typeof openAll>>, left: Told) {
    const leftSeq = present(left.seq)
    const { presence, typing, reads, deliveries, signals } = streams.guarded
    for (const each of Object.values(streams.guarded)) {
      expect(await each.ended).toMatchObject([{ extensions: { code: 'ACCESS_REVOKED' } }])
    }
    expect(await streams.events.ended).toBeUndefined()
    expect(heardBy(streams.events).at(-1)?.__typename).toBe('AccessRevoked')
    for (const { data } of reads.results) {
      expect(data.readReceipts.seq).toBeLessThan(leftSeq)
      expect(data.readReceipts.readAt <= present(left.at)).toBe(true)
    }
    const sent = deliveries.results.map(({ data }) => data.deliveries).filter(({ status }) => status === 'SENT')
    for (const { data } of deliveries.results) expect(data.deliveries.seq).toBeLessThan(leftSeq)
    expect(typing.results.map(({ data }) => data.typing.user.id)).not.toContain('cyd')
    expect(signals.results.map(({ data }) => data.signals.type)).not.toContain('late')
    expect(JSON.stringify(presence.results.filter(({ data }) => JSON.stringify(data).includes('dan')))).not.toContain(
      'ONLINE',
    )
    return sent.map(({ seq }) => seq)
  }

  test('who is removed hears all up to it, once and in order, and nothing of that room ever after', async () => {
    const bobs = await openAll(bob)
    const cyds = await openAll(cyd)
    await flow(() => say.removeMember(alice, room, 'bob'))
    await say.signal(alice, other, 'elsewhere')
    await say.send(alice, other, 'the inbox goes on')
    await bobs.inbox.first(({ told }) => told.conversationId === other && told.__typename === 'MessageSent')
    await bobs.allSignals.first(({ signals }) => signals.type === 'elsewhere')

    const log = await readLog(cyd)
    const left = present(log.find(({ __typename }) => __typename === 'MemberLeft'))
    const leftSeq = present(left.seq)
    const upToIt = seqsOf(log).filter(seq => seq <= leftSeq)
    for (const stream of [bobs.inbox, bobs.events]) {
      const heard = seqsOf(heardBy(stream))
      expect(heard).toEqual(from(heard[0], upToIt))
      expect(heard.length).toBeGreaterThan(60)
    }
    const sent = await expectNothingLater(bobs, left)
    const messages = log.flatMap(({ __typename, seq }) => (__typename === 'MessageSent' && seq ? [seq] : []))
    const sentUpToIt = messages.filter(seq => seq < leftSeq)
    expect(sent).toEqual(from(sent[0], sentUpToIt))
    expect(sent.at(-1)).toBe(sentUpToIt.at(-1))
    expect(bobs.allSignals.results.map(({ data }) => data.signals.type)).not.toContain('late')

    const last = present(log.at(-1)?.seq)
    for (const stream of [cyds.inbox, cyds.events]) {
      await stream.first(({ told }) => told.seq === last && told.conversationId === room)
      const heard = seqsOf(heardBy(stream))
      expect(heard).toEqual(from(heard[0], seqsOf(log)))
      expect(heard.length).toBeGreaterThan(MESSAGES)
    }
    // They were said: who stayed heard them.
    await cyds.guarded.presence.first(data => JSON.stringify(data).includes('"dan"},"status":"ONLINE"'))
    await cyds.guarded.signals.first(({ signals }) => signals.type === 'late')
    await cyds.guarded.reads.first(({ readReceipts }) => readReceipts.seq === last)
    for (const stream of [cyds.inbox, cyds.events, ...Object.values(cyds.guarded), cyds.allSignals]) stream.stop()
    for (const stream of [bobs.inbox, bobs.allSignals]) stream.stop()
  })

  test('who leaves and comes back hears what the two memberships had, live as in replay', async () => {
    const bobs = await openAll(bob)
    await flow(async () => {
      await say.leave(bob, room)
      await say.send(sam, room, 'without Bob')
      expect(await bob.ask(JOIN, { room })).toEqual({ data: { joinConversation: { userErrors: [] } } })
    })
    const log = await readLog(cyd)
    const left = present(log.find(({ __typename }) => __typename === 'MemberLeft'))
    const back = present(log.find(({ __typename }) => __typename === 'MemberJoined'))
    const [leftSeq, backSeq] = [present(left.seq), present(back.seq)]
    expect(backSeq).toBeGreaterThan(leftSeq + 1)
    const own = seqsOf(log).filter(seq => seq <= leftSeq || seq >= backSeq)
    await bobs.inbox.first(({ told }) => told.seq === own.at(-1) && told.conversationId === room)
    const live = heardBy(bobs.inbox)
    const first = seqsOf(live)[0]
    expect(seqsOf(live).length).toBeGreaterThan(60)
    expect(seqsOf(live)).toEqual(from(first, own))
    expect(live.filter(({ __typename }) => __typename === 'AccessRevoked')).toHaveLength(1)
    await expectNothingLater(bobs, left)

    const replayed = open<Stream>(bob, INBOX, { after: start })
    await caughtUp(replayed)
    expect(seqsOf(heardBy(replayed))).toEqual(own)
    expect(seqsOf(await readLog(bob))).toEqual(own)
    const again = open<Stream>(bob, EVENTS)
    await caughtUp(again)
    await say.send(sam, room, 'welcome')
    await again.first(({ told }) => told.__typename === 'MessageSent')
    for (const stream of [again, replayed, bobs.inbox, bobs.allSignals]) stream.stop()
  })
})
