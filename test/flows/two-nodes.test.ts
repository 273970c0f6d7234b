import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { postgresDatabase, type TestDatabase } from '../support/database.ts'
import { listen } from '../support/listening.ts'
import { ownRedis } from '../support/redis.ts'
import type { RedisServer } from '../support/redis-server.ts'
import * as say from '../support/sayings.ts'
import { type Person, startTestServer, type TestServer } from '../support/server.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const INBOX = 'subscription { inbox { __typename position ... on MessageSent { message { content } } } }'

interface Inbox {
  readonly inbox: { readonly __typename: string; readonly message?: { readonly content: string } }
}

let redis: RedisServer
let database: TestDatabase
let nodes: readonly [TestServer, TestServer]
beforeAll(async () => {
  redis = await ownRedis()
  database = await postgresDatabase()
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, JWT_SECRET: SECRET }
  nodes = [await startTestServer({ env }), await startTestServer({ env })]
})
afterAll(async () => {
  for (const node of nodes) await node.close()
  await redis.close()
  await database.close()
})

/** Alice on the one node and Bob on the other, with a room that they share. */
async function across() {
  const tenantId = crypto.randomUUID()
  const alice = await nodes[0].person('alice', { tenantId })
  const bob = await nodes[1].person('bob', { tenantId })
  for (const person of [alice, bob]) await say.look(person)
  const room = await say.createGroup(alice, ['bob'])
  return { alice, bob, room }
}

function hear<Data>(person: Person, query: string, variables: Record<string, unknown> = {}) {
  const listening = listen<Data>(person.socket(), query, { variables })
  onTestFinished(listening.stop)
  return listening
}

async function inboxOf(person: Person) {
  const inbox = hear<Inbox>(person, INBOX)
  await inbox.first(data => data.inbox.__typename === 'CaughtUp')
  return inbox
}

const contents = (inbox: Awaited<ReturnType<typeof inboxOf>>) =>
  inbox.results.flatMap(({ data }) => data.inbox.message?.content ?? [])

test('what is said on one node is heard on the other, in order and once, from both at the same time', async () => {
  const { alice, bob, room } = await across()
  const heard = [await inboxOf(alice), await inboxOf(bob)]
  const numbers = Array.from({ length: 100 }, (_, n) => n)
  await Promise.all(numbers.flatMap(n => [say.send(alice, room, `a${n}`), say.send(bob, room, `b${n}`)]))
  for (const inbox of heard) await vi.waitFor(() => expect(contents(inbox).length).toBe(200), { timeout: 10_000 })
  const [one, other] = heard.map(contents)
  expect(one).toEqual(other)
  expect(new Set(one).size).toBe(200)
})

test('while Redis is away everything durable still arrives, and hints come back with it', async () => {
  const { alice, bob, room } = await across()
  const inbox = await inboxOf(bob)
  const reads = hear<{ readReceipts: { user: { id: string }; seq: number } }>(
    alice,
    'subscription ($room: ID!) { readReceipts(conversationId: $room) { user { id } seq messageId } }',
    { room },
  )
  await redis.kill()
  const sent = await say.send(alice, room, 'into the dark')
  await inbox.first(data => data.inbox.message?.content === 'into the dark')
  await say.markRead(bob, sent)
  await reads.first(data => data.readReceipts.user.id === 'bob')
  await redis.start()
  const typing = hear<{ typing: { isTyping: boolean } }>(
    bob,
    'subscription ($room: ID!) { typing(conversationId: $room) { user { id } isTyping } }',
    { room },
  )
  await vi.waitFor(
    async () => {
      await say.type(alice, room)
      expect(typing.results.length).toBeGreaterThan(0)
    },
    { timeout: 15_000, interval: 200 },
  )
  await say.send(alice, room, 'and back')
  await inbox.first(data => data.inbox.message?.content === 'and back')
  expect(contents(inbox)).toEqual(['into the dark', 'and back'])
})

test('a removal takes effect at its event on the other node', async () => {
  const { alice, bob, room } = await across()
  const inbox = await inboxOf(bob)
  await say.send(alice, room, 'before')
  await say.removeMember(alice, room, 'bob')
  await say.send(alice, room, 'after')
  await inbox.first(data => data.inbox.__typename === 'AccessRevoked')
  const other = await say.createGroup(alice, ['bob'])
  await say.send(alice, other, 'elsewhere')
  await inbox.first(data => data.inbox.message?.content === 'elsewhere')
  expect(contents(inbox)).toEqual(['before', 'elsewhere'])
})
