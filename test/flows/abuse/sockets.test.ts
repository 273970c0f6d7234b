import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import * as say from '../../support/sayings.ts'
import type { Answer, Person } from '../../support/server.ts'
import { openKnownSocket, openSocket, type SocketFixture, subscribeFrame } from '../../transport/socket-fixture.ts'
import { type Attempt, openScene, type Scene } from './scene.ts'
import { type Asked, codesOf, openLine } from './ways.ts'

let scene: Scene
let attempt: Attempt
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene.close())
beforeEach(async () => {
  attempt = await scene.begin()
})

const wsUrl = () => scene.server.url.href.replace('http', 'ws')
const open = ({ token }: Person) => openKnownSocket(wsUrl(), `Bearer ${token}`)
const until = <Value>(condition: () => Value) => vi.waitFor(condition, { interval: 5, timeout: 10_000 })

/** What the server has said of these operations so far. */
const heardOf = ({ frames }: SocketFixture, type: string) => frames.filter(frame => frame.type === type)

describe('a bad operation ends alone', () => {
  const NOWHERE = '019a0000-0000-7000-8000-000000000000'
  const BAD: readonly (readonly [string, Asked, string])[] = [
    ['that does not parse', { query: 'subscription {' }, 'GRAPHQL_PARSE_FAILED'],
    ['that does not validate', { query: 'subscription { outbox }' }, 'GRAPHQL_VALIDATION_FAILED'],
    ['of two streams', { query: 'subscription { inbox { position } signals { id } }' }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'that costs too much',
      { query: `subscription { inbox { ${'position '.repeat(101)} } }` },
      'OPERATION_TOO_COMPLEX',
    ],
    [
      'with a bad variable',
      { query: 'subscription S($a: Position) { inbox(after: $a) { position } }', variables: { a: 1 } },
      'BAD_USER_INPUT',
    ],
    [
      'on a conversation that is none of its own',
      { query: `subscription { conversationEvents(conversationId: "${NOWHERE}") { position } }` },
      'NOT_FOUND',
    ],
    ['on an id that is none', { query: 'subscription { typing(conversationId: "*") { isTyping } }' }, 'NOT_FOUND'],
    [
      'on presence by an id that is none',
      { query: 'subscription { presence(conversationId: "\\u0000") { status } }' },
      'NOT_FOUND',
    ],
    ['that is a refused query', { query: '{ conversations(first: -1) { nodes { id } } }' }, 'BAD_USER_INPUT'],
    ['that has no such name', { query: 'query A { __typename }', operationName: 'B' }, 'BAD_USER_INPUT'],
  ]

  test.each(BAD)('one %s', async (_, asked, code) => {
    const { line } = attempt
    expect(codesOf(await line.ask(asked))).toEqual([code])
    expect(heardOf(line, 'error')).toHaveLength(1)
    await attempt.expectUnharmed()
    expect(heardOf(line, 'complete').map(({ id }) => id)).not.toContain('inbox')
  })

  test('all of them a hundred times over, in one breath', async () => {
    const { line } = attempt
    const frames = Array.from({ length: 100 }, (_, n) =>
      BAD.map(([, { query, ...rest }], kind) => subscribeFrame(`${n}-${kind}`, query, rest)),
    ).flat()
    line.say(...frames)
    await until(() => expect(heardOf(line, 'error')).toHaveLength(frames.length))
    await attempt.expectUnharmed()
  })

  test('an id of a refused operation can be used again at once', async () => {
    const { line } = attempt
    line.say(subscribeFrame('again', 'subscription {'))
    await line.heard('error', 'again')
    line.say(subscribeFrame('again', 'subscription { inbox { __typename } }'))
    expect(await line.heard('next', 'again')).toMatchObject({
      payload: { data: { inbox: { __typename: 'CaughtUp' } } },
    })
  })
})

test('a batch breaks the protocol, which ends its own socket with 4400 and no other', async () => {
  const socket = await open(scene.alice)
  const query = `mutation { sendMessage(input: { conversationId: "${scene.group}", content: "x", clientMessageId: "x" }) { position } }`
  socket.say({ id: 'batch', type: 'subscribe', payload: Array(10).fill({ query }) })
  expect(await socket.closed).toBe(4400)
  await attempt.expectUnharmed()
})

describe('150 subscriptions on a socket', () => {
  const INBOX = 'subscription { inbox { __typename ... on MessageSent { message { content } } } }'

  test('100 stand, 50 are refused, and those that stand go on', async () => {
    const socket = await open(scene.bob)
    socket.say(...Array.from({ length: 150 }, (_, n) => subscribeFrame(String(n), INBOX)))
    await until(() => expect(new Set(socket.frames.map(({ id }) => id).filter(id => id !== undefined)).size).toBe(150))
    const refused = heardOf(socket, 'error')
    expect(refused).toHaveLength(50)
    for (const { payload } of refused) {
      expect(payload).toMatchObject([{ extensions: { code: 'TOO_MANY_SUBSCRIPTIONS', limit: 100 } }])
    }
    const text = 'to the hundred'
    await say.send(scene.alice, scene.group, text)
    const hearers = () =>
      new Set(socket.frames.filter(frame => JSON.stringify(frame).includes(text)).map(({ id }) => id))
    await until(() => expect(hearers().size).toBe(100))
    // A query is no subscription.
    socket.say(subscribeFrame('query', '{ __typename }'))
    expect(await socket.heard('next', 'query')).toMatchObject({ payload: { data: { __typename: 'Query' } } })
  })

  test('whoever leaves one makes room for one, however often', async () => {
    const socket = await open(scene.bob)
    socket.say(...Array.from({ length: 100 }, (_, n) => subscribeFrame(String(n), INBOX)))
    await until(() => expect(new Set(heardOf(socket, 'next').map(({ id }) => id)).size).toBe(100))
    for (let n = 0; n < 20; n++) {
      socket.say({ id: String(n), type: 'complete' }, subscribeFrame(`more-${n}`, INBOX))
      await socket.heard('next', `more-${n}`)
    }
    socket.say(subscribeFrame('too many', INBOX))
    await socket.heard('error', 'too many')
  })

  test("neither the user's other socket nor another user feels it", async () => {
    const full = await open(scene.bob)
    full.say(...Array.from({ length: 150 }, (_, n) => subscribeFrame(String(n), INBOX)))
    await until(() => expect(heardOf(full, 'error')).toHaveLength(50))
    const other = await openLine(scene.server, scene.bob)
    await say.send(scene.alice, scene.group, 'elsewhere')
    await other.hears('elsewhere')
    await attempt.line.hears('elsewhere')
  })
})

test('nine selections of one topic are one too many, and the eight go on', async () => {
  const { line } = attempt
  const answers: Answer[] = []
  // The line's own inbox is the first.
  for (let n = 0; n < 8; n++) {
    answers.push(await line.ask({ query: `subscription { inbox { a${n}: __typename } }` }))
  }
  expect(answers.flatMap(codesOf)).toEqual(['TOO_MANY_SELECTIONS'])
  expect(codesOf(answers.at(-1) ?? {})).toEqual(['TOO_MANY_SELECTIONS'])
  await attempt.expectUnharmed()
})

describe('35 sockets of a user', () => {
  /** Opens one without waiting for what comes of it. */
  async function knock({ token }: Person): Promise<SocketFixture> {
    const socket = await openSocket(wsUrl())
    socket.say({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })
    return socket
  }

  test('30 stand and 5 are closed with 4429; one that closes makes room', async () => {
    const carol = await scene.server.person('carol')
    const sockets: SocketFixture[] = []
    for (let n = 0; n < 35; n++) sockets.push(await knock(carol))
    const codes = await until(async () => {
      const states = await Promise.all(sockets.map(socket => Promise.race([socket.closed, acknowledged(socket)])))
      expect(states).not.toContain('open')
      return states
    })
    expect(codes.filter(code => code === 4429)).toHaveLength(5)
    const standing = sockets.filter((_, n) => codes[n] === 'acknowledged')
    expect(standing).toHaveLength(30)
    for (const socket of standing) {
      socket.say(subscribeFrame('who', '{ viewer { user { id } } }'))
      expect(await socket.heard('next', 'who')).toMatchObject({
        payload: { data: { viewer: { user: { id: 'carol' } } } },
      })
    }
    await attempt.expectUnharmed()
    await open(await scene.server.person('carol', { tenantId: 'elsewhere' }))
    standing[0]?.socket.close()
    await standing[0]?.closed
    await open(carol)
    expect(await (await knock(carol)).closed).toBe(4429)
  })

  async function acknowledged({ frames }: SocketFixture): Promise<'acknowledged' | 'open'> {
    return frames.some(({ type }) => type === 'connection_ack') ? 'acknowledged' : 'open'
  }
})
