import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listen } from '../support/listening.ts'
import { createManualClock } from '../support/manual-clock.ts'
import * as say from '../support/sayings.ts'
import { type Answer, type Person, startTestServer, type TestServer } from '../support/server.ts'
import { type Asked, askBy, type Line, openLine, post } from './abuse/ways.ts'

const clock = createManualClock(Date.now())
let server: TestServer
beforeAll(async () => {
  // A clock that jumps leaves clients no time to answer a ping.
  server = await startTestServer({ clock, env: { RATE_LIMITS: '{}', PING_INTERVAL_MS: '3600000' } })
})
afterAll(() => server.close())

let tenants = 0
let alice: Person
let bob: Person
let group: string
let messageId: string
/** Messages that nobody has deleted yet. */
let spare: string[]
/** Conversations that alice has not joined yet. */
let open: string[]
let line: Line

beforeEach(async () => {
  const tenantId = `tenant-${++tenants}`
  alice = await server.person('alice', { tenantId })
  bob = await server.person('bob', { tenantId })
  await Promise.all([alice.ask('{ viewer { tenantId } }'), bob.ask('{ viewer { tenantId } }')])
  group = await say.createGroup(alice, ['bob'])
  messageId = await say.send(alice, group, 'as it was')
  spare = []
  for (let n = 0; n < 8; n++) spare.push(await say.send(alice, group, `spare ${n}`))
  open = await openRooms(bob, 25)
  clock.advance(60_000)
  line = await openLine(server, alice)
})

async function openRooms(owner: Person, count: number): Promise<string[]> {
  const room = (n: number) => `r${n}: createConversation(input: { kind: PUBLIC }) { conversation { id } }`
  const { data } = await owner.ask(`mutation { ${Array.from({ length: count }, (_, n) => room(n)).join(' ')} }`)
  return Object.values(data as Record<string, { conversation: { id: string } }>).map(made => made.conversation.id)
}

const STATE = /* GraphQL */ `
  query State($id: ID!) {
    conversation(id: $id) { position memberCount messages(last: 50) { nodes { id content version deletedAt } } }
    conversations(first: 100) { nodes { id } }
  }
`

/** All that the five mutations could change of what is stored. */
const stored = () => alice.ask(STATE, { id: group })

const limits = async (person: Person) => {
  const { data } = await person.ask('{ viewer { limits { event limit remaining retryAfterMs } } }')
  const { viewer } = data as { viewer: { limits: { event: string }[] } }
  return (wanted: string) => viewer.limits.find(({ event }) => event === wanted)
}

/** One of the mutations under the name `act`; each call is another act. */
const mutation = (field: string, type: string, input: () => Record<string, unknown>) => (): Asked => ({
  query: `mutation Act($input: ${type}!) { act: ${field}(input: $input) { userErrors { code } } }`,
  variables: { input: input() },
})

const send = mutation('sendMessage', 'SendMessageInput', () => ({
  conversationId: group,
  content: 'one more',
  clientMessageId: randomUUID(),
}))
const type = mutation('setTyping', 'SetTypingInput', () => ({ conversationId: group, isTyping: true }))
const edit = mutation('editMessage', 'EditMessageInput', () => ({ messageId, content: randomUUID() }))
const remove = mutation('deleteMessage', 'DeleteMessageInput', () => ({ messageId: spare.pop() }))
const join = mutation('joinConversation', 'JoinConversationInput', () => ({ conversationId: open.pop() }))

/** The contract's table: tokens in seconds, and burst. */
const TABLE = [
  ['message:send', 10, 60, 10, send],
  ['message:typing', 5, 10, 5, type],
  ['message:edit', 3, 60, 3, edit],
  ['message:delete', 3, 60, 3, remove],
  ['conversation:join', 20, 60, 20, join],
] as const

const wentThrough = ({ data, errors }: Answer) => errors === undefined && data?.['act'] != null

const refusal = (event: string, limit: number, retryAfterMs: number) => ({
  data: { act: null },
  errors: [{ path: ['act'], extensions: { code: 'RATE_LIMITED', event, limit, remaining: 0, retryAfterMs } }],
})

describe.each(TABLE)('%s, %i in %i s', (event, tokens, perSeconds, burst, act) => {
  const perToken = (perSeconds * 1000) / tokens

  /** Empties the bucket, over POST and the socket in turn. */
  async function drain(): Promise<void> {
    const ways = [askBy('POST', server, alice, line), line.ask]
    for (let n = 0; n < burst; n++) {
      const answer = await ways[n % 2]?.(act())
      expect(answer).toSatisfy(wentThrough)
    }
  }

  test('HTTP and WebSocket share one bucket: its burst passes, and no more', async () => {
    expect((await limits(alice))(event)).toEqual({ event, limit: burst, remaining: burst, retryAfterMs: 0 })
    await drain()
    const before = await stored()
    const response = await post(server, alice, JSON.stringify(act()))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject(refusal(event, burst, perToken))
    expect(await line.ask(act())).toMatchObject(refusal(event, burst, perToken))
    expect((await limits(alice))(event)).toEqual({ event, limit: burst, remaining: 0, retryAfterMs: perToken })
    expect(await stored()).toEqual(before)
  })

  test('a token comes back when it was said, and not a millisecond sooner', async () => {
    await drain()
    clock.advance(perToken - 1)
    expect(await line.ask(act())).toMatchObject(refusal(event, burst, 1))
    clock.advance(1)
    expect(await line.ask(act())).toSatisfy(wentThrough)
    expect(await alice.ask(act().query, variablesOf(act()))).toMatchObject(refusal(event, burst, perToken))
    clock.advance(perSeconds * 1000 * 10)
    expect((await limits(alice))(event)).toMatchObject({ remaining: burst, retryAfterMs: 0 })
  })

  test('nobody else pays, and the socket goes on', async () => {
    await drain()
    expect(await line.ask(act())).toMatchObject(refusal(event, burst, perToken))
    const others = [bob, await server.person('alice', { tenantId: `${tenants}-other` })]
    for (const other of others) {
      expect((await limits(other))(event)).toMatchObject({ remaining: burst })
      const { errors } = await other.ask(act().query, variablesOf(act()))
      expect(errors).toBeUndefined()
      expect((await limits(other))(event)).toMatchObject({ remaining: burst - 1 })
    }
    await say.send(bob, group, 'to an open socket')
    await line.hears('to an open socket')
    expect(await line.ask({ query: '{ viewer { user { id } } }' })).toEqual({
      data: { viewer: { user: { id: 'alice' } } },
    })
  })
})

function variablesOf({ variables }: Asked): Record<string, unknown> {
  return variables as Record<string, unknown>
}

test.each(['POST', 'WebSocket'] as const)(
  'of 50 aliased sends over %s the burst passes and 40 are refused',
  async way => {
    const field = (n: number) =>
      `a${n}: sendMessage(input: { conversationId: "${group}", content: "alias ${n}", clientMessageId: "${n}" }) { message { content } }`
    const query = `mutation { ${Array.from({ length: 50 }, (_, n) => field(n)).join(' ')} }`
    const { data, errors } = await askBy(way, server, alice, line)({ query })
    const passed = Object.values(data ?? {}).filter(payload => payload !== null)
    expect(passed).toHaveLength(10)
    expect(errors).toHaveLength(40)
    expect(new Set(errors?.map(({ path }) => path?.join())).size).toBe(40)
    expect(new Set(errors?.map(({ extensions }) => extensions['code']))).toEqual(new Set(['RATE_LIMITED']))
    const { conversation } = await say.history(bob, group)
    expect(conversation.messages.nodes.filter(({ content }) => content.startsWith('alias'))).toHaveLength(10)
  },
)

test('sendMessage and sendDirectMessage share the bucket of sends', async () => {
  const direct: Asked = {
    query: /* GraphQL */ `
      mutation Direct($key: String!) {
        act: sendDirectMessage(input: { userIds: ["bob"], content: "hello", clientMessageId: $key }) { userErrors { code } }
      }
    `,
  }
  const key = () => ({ key: randomUUID() })
  for (let n = 0; n < 5; n++) {
    expect(await line.ask(send())).toSatisfy(wentThrough)
    expect(await line.ask({ ...direct, variables: key() })).toSatisfy(wentThrough)
  }
  for (const asked of [send(), { ...direct, variables: key() }]) {
    expect(await line.ask(asked)).toMatchObject(refusal('message:send', 10, 6_000))
  }
})

test('a retry of what was sent costs a token like any other, and a refused send can be repeated', async () => {
  const asked = Array.from({ length: 11 }, () => send())
  for (const each of asked.slice(0, 10)) expect(await line.ask(each)).toSatisfy(wentThrough)
  const last = asked.at(-1) ?? send()
  expect(await line.ask(last)).toMatchObject(refusal('message:send', 10, 6_000))
  clock.advance(6_000)
  expect(await line.ask(last)).toSatisfy(wentThrough)
  const { conversation } = await say.history(bob, group)
  expect(conversation.messages.nodes.filter(({ content }) => content === 'one more')).toHaveLength(11)
})

test('refused typing is shown to nobody', async () => {
  const carol = await server.person('carol', { tenantId: `tenant-${tenants}` })
  await carol.ask('{ viewer { tenantId } }')
  const quiet = await say.createGroup(alice, ['bob', 'carol'])
  for (let n = 0; n < 5; n++) await line.ask(type())
  const query = `subscription { typing(conversationId: "${quiet}") { user { id } } }`
  const shown = listen<{ typing: { user: { id: string } } }>(carol.socket(), query)
  const there = mutation('setTyping', 'SetTypingInput', () => ({ conversationId: quiet, isTyping: true }))
  expect(await line.ask(there())).toMatchObject(refusal('message:typing', 5, 2_000))
  await say.type(bob, quiet)
  const { typing } = await shown.first(() => true)
  expect(typing.user.id).toBe('bob')
})
