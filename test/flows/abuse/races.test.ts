import type { Client } from 'graphql-ws'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Listening, listen } from '../../support/listening.ts'
import * as say from '../../support/sayings.ts'
import { type Answer, type Person, startTestServer, type TestServer } from '../../support/server.ts'
import { openKnownSocket, subscribeFrame } from '../../transport/socket-fixture.ts'
import { present, readHistory, readLog, type Said, saidIn, type Told } from './log.ts'

const WRITERS = Array.from({ length: 10 }, (_, n) => `writer-${n}`)
const READERS = Array.from({ length: 5 }, (_, n) => `reader-${n}`)

const SEND = /* GraphQL */ `
  mutation Send($input: SendMessageInput!) {
    sendMessage(input: $input) { message { id seq content } position userErrors { code } }
  }
`

const EVENTS = /* GraphQL */ `
  subscription Events($room: ID!, $after: Position) {
    conversationEvents(conversationId: $room, after: $after) {
      __typename
      ... on ConversationEvent { seq }
      ... on MessageSent { message { content } }
    }
  }
`

interface Events {
  readonly conversationEvents: Told
}

describe.each(['pglite', 'postgres'] as const)('on %s', database => {
  let server: TestServer
  let writers: readonly Person[]
  let readers: readonly Person[]
  beforeAll(async () => {
    server = await startTestServer({ database })
    const people = await Promise.all([...WRITERS, ...READERS].map(id => server.person(id)))
    for (const person of people) await say.look(person)
    writers = people.slice(0, WRITERS.length)
    readers = people.slice(WRITERS.length)
  })
  afterAll(() => server.close())

  /** A room of them all, and the place in the log before it. */
  async function newRoom() {
    const reader = present(readers[0])
    const { viewer } = await say.look(reader)
    const room = await say.createGroup(present(writers[0]), [...WRITERS.slice(1), ...READERS])
    return { room, reader, start: viewer.position }
  }

  test('history, then the stream from its position, are all messages: no gap, no double, in order', async () => {
    const { room, reader, start } = await newRoom()
    const tally = createTally()
    const sockets = readers.map(person => ({ person, socket: person.socket() }))
    const clients = Array.from({ length: 100 }, async (_, n) => {
      const { person, socket } = present(sockets[n % sockets.length])
      await tally.reached(n * 9)
      const { position, messages } = await readHistory(person, room)
      const stream = listen<Events>(socket, EVENTS, { variables: { room, after: position } })
      await stream.first(isMessage('the end'))
      return { read: messages.length, all: [...messages, ...messagesOf(stream)] }
    })
    await Promise.all(
      writers.map(async (writer, w) => {
        for (let n = 0; n < 100; n++) {
          await say.send(writer, room, `${w}-${n}`)
          tally.add()
        }
      }),
    )
    await say.send(present(writers[0]), room, 'the end')
    const log = await readLog(reader, start)
    expect(log).toHaveLength(1_001)
    const heard = await Promise.all(clients)
    for (const { all } of heard) expect(all).toEqual(log)
    // Else nothing was raced: some began in the middle of it.
    expect(heard.filter(({ read }) => read > 50 && read < 950).length).toBeGreaterThan(20)
  }, 60_000)

  test('300 sends made three times at once are 300 messages, and the same key with other content a conflict', async () => {
    const { room, reader, start } = await newRoom()
    const writer = present(writers[1])
    const ways = [askOver(writer.socket()), askOver(writer.socket()), writer.ask]
    const keys = Array.from({ length: 300 }, (_, n) => `key ${n}`)
    const input = (clientMessageId: string, content: string) => ({
      input: { conversationId: room, content, clientMessageId },
    })
    const answers = await Promise.all(
      keys.map(key => Promise.all(ways.map(ask => ask(SEND, input(key, `this is ${key}`))))),
    )
    for (const [first, ...others] of answers) {
      expect(first).toMatchObject({ data: { sendMessage: { userErrors: [] } } })
      for (const other of others) expect(other.data).toEqual(first?.data)
    }
    const sent = answers.map(([answer]) => answer?.data?.['sendMessage']).map(payload => messageIn(payload))
    const log = await readLog(reader, start)
    expect(log).toHaveLength(300)
    expect(sent.map(said).toSorted(bySeq)).toEqual(log)

    const conflicts = await Promise.all(
      keys.map((key, n) => present(ways[n % 3])(SEND, input(key, `this is not ${key}`))),
    )
    for (const { data } of conflicts) {
      expect(data).toEqual({
        sendMessage: { message: null, position: null, userErrors: [{ code: 'IDEMPOTENCY_CONFLICT' }] },
      })
    }
    expect(await readLog(reader, start)).toHaveLength(300)
  }, 60_000)

  test('of three different messages at once under one key, one is sent and two are conflicts', async () => {
    const { room, reader, start } = await newRoom()
    const writer = present(writers[2])
    const ways = [askOver(writer.socket()), askOver(writer.socket()), writer.ask]
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, n) =>
        Promise.all(
          ways.map(async (ask, way) => {
            const content = `${n} by way ${way}`
            const answer = await ask(SEND, { input: { conversationId: room, content, clientMessageId: `one ${n}` } })
            return JSON.stringify(answer.data).includes('IDEMPOTENCY_CONFLICT') ? [] : [content]
          }),
        ),
      ),
    )
    const won = outcomes.map(outcome => outcome.flat())
    expect(won.filter(each => each.length !== 1)).toEqual([])
    const log = await readLog(reader, start)
    expect(log.map(({ content }) => content).toSorted()).toEqual(won.flat().toSorted())
  })

  test('a client that drops its socket 20 times resumes from its last position and misses or repeats nothing', async () => {
    const { room, reader, start } = await newRoom()
    let over = false
    const sending = Promise.all(
      writers.slice(0, 4).map(async (writer, w) => {
        for (let n = 0; !over; n++) await say.send(writer, room, `${w}-${n}`)
      }),
    )
    const heard: Said[] = []
    let resumeAfter = start
    for (let drop = 0; drop <= 20; drop++) {
      const fixture = await openKnownSocket(server.url.href.replace('http', 'ws'), `Bearer ${reader.token}`)
      fixture.say(subscribeFrame('e', EVENTS, { variables: { room }, extensions: { resumeAfter } }))
      if (drop === 20) {
        over = true
        await sending
        await say.send(present(writers[0]), room, 'the end')
        await vi.waitFor(() => expect(JSON.stringify(fixture.frames)).toContain('the end'), { timeout: 10_000 })
      } else await vi.waitFor(() => expect(fixture.frames.length).toBeGreaterThan(1 + drop * 3), { timeout: 10_000 })
      fixture.socket.terminate()
      await fixture.closed
      for (const { type, payload } of fixture.frames) {
        if (type !== 'next') continue
        const { data, extensions } = payload as Answer & { readonly data: Events }
        heard.push(...saidIn(data.conversationEvents))
        resumeAfter = String(extensions?.['position'])
      }
    }
    expect(heard).toEqual(await readLog(reader, start))
  }, 60_000)
})

function messagesOf({ results }: Listening<Events>): readonly Said[] {
  return results.flatMap(({ data }) => saidIn(data.conversationEvents))
}

function isMessage(content: string) {
  return ({ conversationEvents }: Events) => conversationEvents.message?.content === content
}

function messageIn(payload: unknown): Said {
  return (payload as { readonly message: Said }).message
}

function said({ seq, content }: Said): Said {
  return { seq, content }
}

function bySeq(a: Said, b: Said): number {
  return a.seq - b.seq
}

/** One operation over a socket that stays open. */
function askOver(client: Client): Person['ask'] {
  return (query, variables) =>
    new Promise((resolve, reject) => {
      let answer: Answer | undefined
      client.subscribe(
        { query, ...(variables && { variables }) },
        {
          next(result) {
            answer = result as Answer
          },
          error: reject,
          complete: () => (answer === undefined ? reject(new Error('no answer')) : resolve(answer)),
        },
      )
    })
}

/** Counts, and wakes whoever waits for a count. */
function createTally() {
  let count = 0
  const waiting = new Map<number, PromiseWithResolvers<void>>()
  return {
    add() {
      count += 1
      waiting.get(count)?.resolve()
    },
    reached(wanted: number): Promise<void> {
      if (wanted <= count) return Promise.resolve()
      const wait = waiting.get(wanted) ?? Promise.withResolvers<void>()
      waiting.set(wanted, wait)
      return wait.promise
    },
  }
}
