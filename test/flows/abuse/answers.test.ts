import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen } from '../../support/listening.ts'
import * as say from '../../support/sayings.ts'
import { type Person, startTestServer, type TestServer } from '../../support/server.ts'
import { subscribeFrame } from '../../transport/socket-fixture.ts'
import { codesOf, openLine, post } from './ways.ts'

const WORDS = 'w'.repeat(10_000)

let server: TestServer
let alice: Person
let group: string
beforeAll(async () => {
  server = await startTestServer()
  alice = await server.person('alice')
  await say.look(alice)
  group = await say.createGroup(alice, [])
  await Promise.all(Array.from({ length: 100 }, () => say.send(alice, group, WORDS)))
})
afterAll(() => server.close())

const aliases = (count: number, field: string) => Array.from({ length: count }, (_, n) => `a${n}: ${field}`).join(' ')
const messages = (shown: string) => `conversation(id: "${group}") { messages(last: 100) { nodes { ${shown} } } }`
const longName = 'n'.repeat(40_000)

describe('a short document cannot ask for an answer without end', () => {
  const tries: Readonly<Record<string, () => string>> = {
    'the same words by 98 names': () => `{ ${messages(aliases(98, 'content'))} }`,
    'the same page by 9 names': () => `{ ${aliases(9, messages('content'))} }`,
    'a name of 40,000 letters for a value': () =>
      `{ ${aliases(3, messages('...F'))} } fragment F on Message { ${longName}: seq }`,
    'such a name for an object': () =>
      `{ ${aliases(3, messages('...F'))} } fragment F on Message { ${longName}: sender { id } }`,
    'such a name for a type': () =>
      `{ ${aliases(3, messages('...F'))} } fragment F on Message { ${longName}: __typename }`,
  }

  test.each(Object.entries(tries))('%s', async (_, query) => {
    const line = await openLine(server, alice)
    const response = await post(server, alice, JSON.stringify({ query: query() }))
    const text = await response.text()
    expect(text.length).toBeLessThan(1_000)
    expect(codesOf(JSON.parse(text))).toEqual(['OPERATION_TOO_COMPLEX'])
    expect(codesOf(await line.ask({ query: query() }))).toEqual(['OPERATION_TOO_COMPLEX'])
    expect(await line.ask({ query: '{ viewer { tenantId } }' })).toEqual({ data: { viewer: { tenantId: 'acme' } } })
  })

  test('and one event cannot be made to show it either', async () => {
    const query = `subscription {
      inbox { __typename ... on MessageSent { conversation { messages(last: 100) { nodes { ${aliases(90, 'content')} } } } } }
    }`
    const inbox = listen<{ inbox: { __typename: string } }>(alice.socket(), query)
    await inbox.first(data => data.inbox.__typename === 'CaughtUp')
    const plain = await openLine(server, alice)
    await say.send(alice, group, 'goes on')
    await plain.hears('goes on')
    expect(await inbox.ended).toMatchObject([{ extensions: { code: expect.any(String) } }])
    expect(inbox.results).toHaveLength(1)
  })
})

test('a whole page of the longest messages is answered', async () => {
  const { data } = await alice.ask(`{ ${messages('id seq content sender { name } createdAt')} }`)
  expect(JSON.stringify(data).length).toBeGreaterThan(900_000)
})

test('who asks for much at once and reads nothing is cut off, and others are served', async () => {
  const other = await openLine(server, alice)
  const greedy = await openLine(server, alice)
  const open = async () => {
    const page = await (await fetch(new URL('/metrics', server.url))).text()
    return Number(/^colloquy_websockets (\d+)/m.exec(page)?.[1])
  }
  const before = await open()
  greedy.socket.pause()
  const query = `{ ${messages('content')} }`
  greedy.say(...Array.from({ length: 90 }, (_, n) => subscribeFrame(`${n}`, query)))
  await expect.poll(open, { timeout: 20_000 }).toBe(before - 1)
  expect(await other.ask({ query: '{ viewer { tenantId } }' })).toEqual({ data: { viewer: { tenantId: 'acme' } } })
  greedy.socket.resume()
  expect(await greedy.closed).toBe(1006)
  expect(greedy.frames.filter(({ type }) => type === 'next').length).toBeLessThan(90)
})
