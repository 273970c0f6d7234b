import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen } from '../../support/listening.ts'
import * as say from '../../support/sayings.ts'
import { type Person, startTestServer, type TestServer } from '../../support/server.ts'

const PICKED = [
  '\0',
  'before\0after',
  '\ud800',
  'half \udc00 a pair',
  '\udc00\ud800',
  '\ud83d\ude00',
  '\u202eevil\u202c',
  '\u2066isolate\u2069',
  '\ufeffmark',
  '\uffff\ufffe',
  '\u{10ffff}',
  'e\u0301 is not \u00e9',
  '\u2028\u2029',
  '\u001b[31mred',
  '\r\n',
  '   ',
  '\u00a0\u3000',
  "'; DROP TABLE message; --",
  '$1 $2 %s {0} \\u0000 \\x00 \\',
  '{"a":1}',
  '[null]',
  'null',
  '👩‍👩‍👧‍👦'.repeat(60),
  '\u0300'.repeat(300),
  'a'.repeat(20_001),
  '😀'.repeat(10_000),
  '😀'.repeat(10_001),
]

const RANDOM = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.integer({ min: 0, max: 0xff_ff }), { maxLength: 12 }).map(units => String.fromCharCode(...units)),
  fc.array(fc.constantFrom(...PICKED.slice(0, 20), 'x'), { maxLength: 4 }).map(parts => parts.join('')),
)

/** Each once. Always the same ones, so that a failure can be had again. */
function texts(count: number): readonly string[] {
  return [...new Set([...PICKED, ...fc.sample(RANDOM, { numRuns: count, seed: 20_260_101 })])]
}

const CONTROL = /[\p{Cc}\u2028\u2029]/u
const storable = (text: string) => text.isWellFormed() && !text.includes('\0')
const codePoints = (text: string) => [...text].length
/** What the documentation lets in. */
const isContent = (text: string) => storable(text) && text.trim() !== '' && codePoints(text) <= 10_000
const isLine = (max: number) => (text: string) =>
  storable(text) && text.trim() !== '' && codePoints(text) <= max && !CONTROL.test(text)

interface Payload {
  readonly userErrors: readonly { readonly code: string }[]
  readonly [field: string]: unknown
}

/** How many mutations one request carries. */
const CHUNK = 25

/** Every mutation's payload, in the order of the inputs. Fails when one of them met an error. */
async function all(person: Person, [field, type, shown]: readonly [string, string, string], inputs: readonly object[]) {
  const payloads: Payload[] = []
  for (let from = 0; from < inputs.length; from += CHUNK) {
    const some = inputs.slice(from, from + CHUNK)
    const header = some.map((_, n) => `$i${n}: ${type}!`).join(', ')
    const fields = some.map((_, n) => `m${n}: ${field}(input: $i${n}) { ${shown} userErrors { code } }`).join('\n')
    const variables = Object.fromEntries(some.map((input, n) => [`i${n}`, input]))
    const { data, errors } = await person.ask(`mutation Many(${header}) { ${fields} }`, variables)
    expect(errors).toBeUndefined()
    payloads.push(...some.map((_, n) => data?.[`m${n}`] as Payload))
  }
  return payloads
}

/** The texts that were let in, with what came of each; every other one was refused by a rule and nothing else. */
function accepted<Made>(
  said: readonly string[],
  payloads: readonly Payload[],
  field: string,
  may: (text: string) => boolean,
): readonly { readonly text: string; readonly made: Made }[] {
  const outcomes = said.map((text, n) => ({ text, payload: payloads[n] }))
  for (const { text, payload } of outcomes) {
    const refusal = payload?.userErrors[0]?.code
    if (may(text)) expect([text, refusal]).toEqual([text, undefined])
    else expect(['INVALID', 'TOO_LONG']).toContain(refusal)
  }
  return outcomes.filter(({ text }) => may(text)).map(({ text, payload }) => ({ text, made: payload?.[field] as Made }))
}

const SEND = ['sendMessage', 'SendMessageInput', 'message { id content clientMessageId metadata }'] as const

interface Message {
  readonly id: string
  readonly content: string
  readonly clientMessageId: string
  readonly metadata: unknown
}

describe.each(['pglite', 'postgres'] as const)('on %s', database => {
  let server: TestServer
  let alice: Person
  let bob: Person
  let conversationId: string
  beforeAll(async () => {
    server = await startTestServer({ database })
    alice = await server.person('alice')
    bob = await server.person('bob')
    for (const person of [alice, bob]) await say.look(person)
  })
  afterAll(() => server.close())

  const inNewGroup = async () => {
    conversationId = await say.createGroup(alice, ['bob'])
    return (parts: object) => ({ conversationId, content: 'words', clientMessageId: randomUUID(), ...parts })
  }

  /** The group's messages by id, as pages show them. */
  async function stored(): Promise<ReadonlyMap<string, Message>> {
    const query = /* GraphQL */ `
      query Stored($id: ID!, $after: String) {
        conversation(id: $id) {
          messages(first: 100, after: $after) {
            nodes { id content clientMessageId metadata }
            pageInfo { endCursor hasNextPage }
          }
        }
      }
    `
    type Page = { nodes: Message[]; pageInfo: { endCursor: string; hasNextPage: boolean } }
    const found: Message[] = []
    for (let after: string | null = null, more = true; more; ) {
      const { data } = await bob.ask(query, { id: conversationId, after })
      const { messages } = (data as { conversation: { messages: Page } }).conversation
      found.push(...messages.nodes)
      after = messages.pageInfo.endCursor
      more = messages.pageInfo.hasNextPage
    }
    return new Map(found.map(message => [message.id, message]))
  }

  test('content is read back as it was sent, by answer, by query and by subscription', async () => {
    const said = texts(2_000)
    const message = await inNewGroup()
    type Heard = { inbox: { message?: { id: string; content: string } } }
    const inbox = listen<Heard>(
      bob.socket(),
      'subscription { inbox { ... on MessageSent { message { id content } } } }',
    )
    await inbox.first(() => true)
    const payloads = await all(
      alice,
      SEND,
      said.map(content => message({ content })),
    )
    const sent = accepted<Message>(said, payloads, 'message', isContent)
    expect(sent.length).toBeGreaterThan(500)
    const rows = await stored()
    await inbox.first(data => data.inbox.message?.id === sent.at(-1)?.made.id)
    const heard = new Map(inbox.results.map(({ data }) => [data.inbox.message?.id, data.inbox.message?.content]))
    for (const { text, made } of sent) {
      expect([made.content, rows.get(made.id)?.content, heard.get(made.id)]).toEqual([text, text, text])
    }
    expect(rows.size).toBe(sent.length)
    inbox.stop()
  })

  test('a clientMessageId finds its own message and no other', async () => {
    const said = texts(200)
    const message = await inNewGroup()
    const inputs = said.map(clientMessageId => message({ clientMessageId }))
    const sent = accepted<Message>(said, await all(alice, SEND, inputs), 'message', isLine(128))
    const again = accepted<Message>(said, await all(alice, SEND, inputs), 'message', isLine(128))
    expect(again).toEqual(sent)
    const rows = await stored()
    for (const { text, made } of sent) expect(rows.get(made.id)?.clientMessageId).toBe(text)
    expect(new Set(sent.map(({ made }) => made.id)).size).toBe(sent.length)
  })

  test('metadata keeps its texts, as values and as keys', async () => {
    const said = texts(200).filter(text => text.length < 1_000)
    const message = await inNewGroup()
    const metadata = (text: string) => ({ [`key ${text}`]: text, list: [text, { text }] })
    const inputs = said.map(text => message({ metadata: metadata(text) }))
    const sent = accepted<Message>(said, await all(alice, SEND, inputs), 'message', storable)
    const rows = await stored()
    for (const { text, made } of sent) expect(rows.get(made.id)?.metadata).toEqual(metadata(text))
  })

  test('a title is read back as it was given', async () => {
    const said = texts(200)
    const shown = ['createConversation', 'CreateConversationInput', 'conversation { id title }'] as const
    const inputs = said.map(title => ({ kind: 'GROUP', title }))
    const made = accepted<{ id: string }>(said, await all(alice, shown, inputs), 'conversation', isLine(200))
    for (const each of made) {
      const { data } = await alice.ask('query Title($id: ID!) { conversation(id: $id) { title } }', {
        id: each.made.id,
      })
      expect(data).toEqual({ conversation: { title: each.text } })
    }
  })

  test('the reason of a failure is read back by query and by subscription', async () => {
    const said = texts(100)
    const message = await inNewGroup()
    const ids = (
      await all(
        alice,
        SEND,
        said.map(() => message({})),
      )
    ).map(payload => (payload['message'] as Message).id)
    type Failed = { deliveries: { messageId: string; reason: string | null; status: string } }
    const deliveries = listen<Failed>(
      alice.socket(),
      'subscription Failed($id: ID!) { deliveries(conversationId: $id) { messageId reason status } }',
      { variables: { id: conversationId } },
    )
    const shown = ['reportDeliveryFailure', 'ReportDeliveryFailureInput', 'message { id }'] as const
    const reports = said.map((reason, n) => ({ messageId: ids[n], reason }))
    const may = (text: string) => storable(text) && text.trim() !== '' && codePoints(text) <= 500
    const reported = accepted<{ id: string }>(said, await all(bob, shown, reports), 'message', may)
    const query = 'query Why($id: ID!) { message(id: $id) { receipts { nodes { failureReason } } } }'
    for (const { text, made } of reported) {
      const { data } = await alice.ask(query, { id: made.id })
      expect(data).toEqual({ message: { receipts: { nodes: [{ failureReason: text }] } } })
      const { deliveries: heard } = await deliveries.first(
        ({ deliveries: { messageId, status } }) => messageId === made.id && status === 'FAILED',
      )
      expect(heard.reason).toBe(text)
    }
    deliveries.stop()
  })

  test('a status text and a signal arrive as they were said', async () => {
    const said = texts(200).filter(text => text.length < 10_000)
    await inNewGroup()
    type Heard = { signals: { id: string; type: string; payload: unknown } }
    const signals = listen<Heard>(bob.socket(), 'subscription { signals { id type payload } }')
    const hello = async () => say.signal(alice, conversationId, 'hello')
    await expect.poll(async () => hello().then(() => signals.results.length)).toBeGreaterThan(0)

    const sending = ['sendSignal', 'SendSignalInput', 'signal { id }'] as const
    const payloads = said.map(text => ({ conversationId, type: 'text', payload: { text } }))
    for (const { text, made } of accepted<{ id: string }>(
      said,
      await all(alice, sending, payloads),
      'signal',
      storable,
    )) {
      const heard = await signals.first(data => data.signals.id === made.id)
      expect(heard.signals.payload).toEqual({ text })
    }
    const types = said.map(type => ({ conversationId, type }))
    const isType = (text: string) => /^[A-Za-z0-9._:-]{1,64}$/.test(text) && !text.includes('\n')
    accepted(said, await all(alice, sending, types), 'signal', isType)

    const status = ['updatePresence', 'UpdatePresenceInput', 'presence { statusText }'] as const
    const statuses = said.map(statusText => ({ status: 'ONLINE', statusText }))
    const may = (text: string) => storable(text) && codePoints(text) <= 100 && !CONTROL.test(text)
    const set = accepted<{ statusText: string | null }>(said, await all(alice, status, statuses), 'presence', may)
    for (const { text, made } of set) expect(made.statusText).toBe(text === '' ? null : text)
    signals.stop()
  })
})

test('names that would turn text around or hide are shown as the token says them', async () => {
  const server = await startTestServer()
  try {
    for (const name of [
      '\u202egnp.exe',
      '\u2066left\u2069',
      'zero\u200bwidth',
      '\ufeff',
      'Z\u0351\u036b',
      '👩‍👩‍👧‍👦',
    ]) {
      const person = await server.person(`user ${name}`, { name })
      const { data } = await person.ask('{ viewer { user { id name } } }')
      const shown = name.trim() === '' ? null : name
      expect(data).toEqual({ viewer: { user: { id: `user ${name}`, name: shown } } })
    }
  } finally {
    await server.close()
  }
})
