import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Listening, listen, listenToEvents } from '../../support/listening.ts'
import * as say from '../../support/sayings.ts'
import { type Person, startTestServer, type TestServer } from '../../support/server.ts'

/** One execution serves everyone whose operation shows the same: here are operations that look the same and do not. */

const VIEWED = /* GraphQL */ `
  subscription Viewed($room: ID!) {
    conversationEvents(conversationId: $room) {
      ... on MessageSent {
        message { content }
        conversation { unreadCount viewerMembership { user { id } role lastReadSeq } }
      }
    }
  }
`
const INCLUDED = (fallback: string) => /* GraphQL */ `
  subscription Included($room: ID!, $full: Boolean${fallback}) {
    conversationEvents(conversationId: $room) {
      ... on MessageSent { message { content sender @include(if: $full) { id } } }
    }
  }
`
const FRAGMENT = (field: string) => /* GraphQL */ `
  subscription Fragmented($room: ID!) { conversationEvents(conversationId: $room) { ...Shown } }
  fragment Shown on MessageSent { message { shown: ${field} } }
`
const PAGED = /* GraphQL */ `
  subscription Paged($room: ID!, $count: Int) {
    conversationEvents(conversationId: $room) {
      ... on MessageSent { conversation { messages(last: $count) { nodes { content } } } }
    }
  }
`

let server: TestServer
let people: readonly Person[]
let room: string
let tenants = 0
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  const tenantId = `tenant-${++tenants}`
  people = await Promise.all(['alice', 'bob', 'cyd'].map(id => server.person(id, { tenantId })))
  for (const person of people) await say.look(person)
  const [alice] = people
  if (alice) room = await say.createGroup(alice, ['bob', 'cyd'])
})

type Stream = { readonly conversationEvents: Record<string, unknown> }
type Asked = readonly [query: string, variables: Record<string, unknown>]

/** What each operation of each person says of the last of five messages, which alice sends. */
async function heard(operations: readonly Asked[]) {
  const streams = people.flatMap(person =>
    operations.flatMap(([query, rest], operation) => {
      const variables = { room, ...rest }
      const socket = person.socket()
      const both: Listening<Stream>[] = [
        listen<Stream>(socket, query, { variables }),
        listenToEvents<Stream>(server, person, query, { variables }),
      ]
      return both.map(stream => ({ person, operation, stream }))
    }),
  )
  await Promise.all(streams.map(({ stream }) => stream.first(() => true)))
  for (let n = 1; n <= 5; n++) for (const person of people.slice(0, 1)) await say.send(person, room, `words ${n}`)
  return Promise.all(
    streams.map(async ({ person, operation, stream }) => {
      // CaughtUp, which shows nothing, comes first.
      await stream.first(() => stream.results.length === 6)
      stream.stop()
      return { person: person.id, operation, said: stream.results.at(-1)?.data.conversationEvents }
    }),
  )
}

describe('whoever hears the same event in an operation that looks the same', () => {
  test('is shown their own membership and count', async () => {
    for (const { person, said } of await heard([[VIEWED, {}]])) {
      expect(said).toEqual({
        message: { content: 'words 5' },
        conversation: {
          unreadCount: expect.any(Number),
          viewerMembership: {
            user: { id: person },
            role: person === 'alice' ? 'OWNER' : 'MEMBER',
            lastReadSeq: expect.any(Number),
          },
        },
      })
    }
  })

  test('is shown what their own variables and defaults ask for', async () => {
    const operations: readonly (readonly [...Asked, boolean])[] = [
      [INCLUDED('!'), { full: true }, true],
      [INCLUDED('!'), { full: false }, false],
      [INCLUDED('! = true'), {}, true],
      [INCLUDED('! = false'), {}, false],
      [INCLUDED('! = true'), { full: false }, false],
    ]
    for (const { operation, said } of await heard(operations.map(([query, rest]) => [query, rest] as const))) {
      const full = operations[operation]?.[2]
      expect(said).toEqual({ message: { content: 'words 5', ...(full && { sender: { id: 'alice' } }) } })
    }
  })

  test('is shown what their own fragment of the same name says', async () => {
    const operations = ['content', 'id', 'seq', '__typename'].map(field => [FRAGMENT(field), {}] as const)
    const shown = ['words 5', expect.stringMatching(/^[0-9a-f-]{36}$/), expect.any(Number), 'Message']
    for (const { operation, said } of await heard(operations)) {
      expect(said).toEqual({ message: { shown: shown[operation] } })
    }
  })

  test('is shown a page of their own length', async () => {
    const counts = [1, 2, 3]
    for (const { operation, said } of await heard(counts.map(count => [PAGED, { count }] as const))) {
      const nodes = [3, 4, 5].slice(-(counts[operation] ?? 0)).map(n => ({ content: `words ${n}` }))
      expect(said).toEqual({ conversation: { messages: { nodes } } })
    }
  })
})
