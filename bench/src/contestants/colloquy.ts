import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { mintToken } from '../../../src/auth/mint-token.ts'
import { encodeCursor } from '../../../src/domain/position.ts'
import { createStore } from '../../../src/store/create-store.ts'
import { createPostgres } from '../../../src/store/database/postgres.ts'
import type { Store } from '../../../src/store/store.ts'
import { program } from '../../../test/support/programs.ts'
import { startRedisServer } from '../../../test/support/redis-server.ts'
import { conversationOf, enrol, say } from '../../../test/support/tenant-fixture.ts'
import type { Dialect, Seat } from '../load/plan.ts'
import { contentOf } from '../load/rooms.ts'
import { type Contestant, type Entered, type Ground, roomsOfSeats, type Scene } from './contestant.ts'
import { enter } from './enter.ts'
import { fill } from './fill.ts'

const DIALECT: Dialect = {
  type: 'graphql',
  path: '/graphql',
  subscription: `subscription ($room: ID!, $after: Position) {
    conversationEvents(conversationId: $room, after: $after) {
      ... on MessageSent { message { id seq sender { id name } content createdAt } }
    }
  }`,
  mutation: `mutation ($room: ID!, $content: String!, $key: String!) {
    sendMessage(input: { conversationId: $room, content: $content, clientMessageId: $key }) {
      message { id }
      userErrors { code }
    }
  }`,
}

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url))
const Manifest = z.object({ scripts: z.object({ start: z.string() }) })
const { scripts } = Manifest.parse(JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')))
/** What `npm start` gives to Node. */
const START_FLAGS = scripts.start.split(' ').filter(word => word.startsWith('--'))

/** Only what stands in the way of a load that is one machine with a thousand users: nothing here makes the server faster. */
const ENV = {
  RATE_LIMITS: 'off',
  LOG_LEVEL: 'warn',
  MAX_SILENT_SOCKETS: '20000',
  INIT_TIMEOUT_MS: '60000',
  MAX_CONVERSATION_MEMBERS: '20000',
  DRAIN_MS: '0',
  JWT_TENANT_CLAIM: 'org_id',
}

export interface EnteredColloquy extends Entered {
  /** A token for a user of the first tenant. */
  tokenOf(userId: string): Promise<string>
  /** Stores so many messages in each room while the load may be away; resolves with the position before them. */
  fallBehind(messages: number): Promise<string>
}

/** The server as anyone starts it, on a database of its own in the benchmark's Postgres: each message is committed before it is delivered. */
export const colloquy = {
  name: 'Colloquy',
  kind: 'ours',
  enter: (scene, ground) => enterNodes(1, {}, scene, ground),
} as const satisfies Contestant

/** The same as two nodes over a Redis. */
export const twoNodes = {
  name: 'Colloquy, two nodes',
  kind: 'variant',
  async enter(scene, ground): Promise<EnteredColloquy> {
    const directory = await mkdtemp(join(tmpdir(), 'colloquy-bench-'))
    const name = await program('redis-server', { env: 'REDIS_SERVER_PATH', packages: ['redis-server'] })
    const redis = await startRedisServer({ program: name, within: directory })
    const entered = await enterNodes(2, { REDIS_URL: redis.url }, scene, ground)
    return {
      ...entered,
      async leave() {
        await entered.leave()
        await redis.close()
        await rm(directory, { recursive: true, force: true })
      },
    }
  },
} as const satisfies Contestant

async function enterNodes(
  nodes: number,
  more: Readonly<Record<string, string>>,
  scene: Scene,
  ground: Ground,
): Promise<EnteredColloquy> {
  const url = await ground.postgres.database(`colloquy_${randomUUID().replaceAll('-', '')}`)
  const secret = randomBytes(32).toString('base64url')
  const people = peopleOf(scene)
  const rooms = await withStore(url, async store => {
    if (scene.filling) {
      await enrol(store.tenant(tenantOf(0, 1)), 'filler-0')
      await fill(url, tenantOf(0, 1), scene.filling)
    }
    return settle(store, people, scene)
  })
  const seats = {
    rooms,
    subscribers: await inParallel(people.subscribers, person => seat(person, secret)),
    publishers: await inParallel(people.publishers, person => seat(person, secret)),
  }
  const env = { ...ENV, ...more, DATABASE_URL: url, JWT_SECRET: secret }
  const command = [...START_FLAGS, ...ground.flags, CLI, 'serve']
  const entered = await enter({ command, env, nodes, dialect: DIALECT, ...seats }, ground)
  return {
    ...entered,
    tokenOf: userId => tokenOf({ tenantId: tenantOf(0, 1), userId }, secret),
    fallBehind: messages => withStore(url, store => write(store, people.publishers, rooms, messages)),
  }
}

interface Person {
  readonly tenantId: string
  readonly userId: string
  readonly room: number
}

function peopleOf({ rooms, subscribersPerRoom, publishers, tenants = 1 }: Scene) {
  const people = (role: string, count: number): Person[] =>
    roomsOfSeats(count, rooms).map((room, n) => ({ tenantId: tenantOf(room, tenants), userId: `${role}-${n}`, room }))
  return { subscribers: people('subscriber', rooms * subscribersPerRoom), publishers: people('publisher', publishers) }
}

function tenantOf(room: number, tenants: number): string {
  return `tenant-${room % tenants}`
}

/** Makes the people and their conversations; whoever connects later is a member already. Returns the conversations' ids. */
async function settle(
  store: Store,
  { subscribers, publishers }: ReturnType<typeof peopleOf>,
  { rooms, tenants = 1 }: Scene,
): Promise<string[]> {
  const members = Map.groupBy([...publishers, ...subscribers], ({ room }) => room)
  return inParallel([...Array(rooms).keys()], async room => {
    const tenant = store.tenant(tenantOf(room, tenants))
    // A room needs its owner even where nobody is in it.
    const userIds = members.get(room)?.map(({ userId }) => userId) ?? [`owner-${room}`]
    await enrol(tenant, ...userIds)
    return conversationOf(tenant, userIds)
  })
}

async function write(
  store: Store,
  people: readonly Person[],
  rooms: readonly string[],
  messages: number,
): Promise<string> {
  const [first] = people
  if (first === undefined) throw new Error('Nobody can write.')
  const before = await store.tenant(first.tenantId).log.head()
  await inParallel(people, async ({ tenantId, userId, room }) => {
    for (let n = 1; n <= messages; n++) await say(store.tenant(tenantId), rooms[room] ?? '', userId, contentOf(n))
  })
  return encodeCursor(before)
}

async function withStore<Result>(url: string, task: (store: Store) => Promise<Result>): Promise<Result> {
  const database = createPostgres({ url, logger: { debug() {}, info() {}, warn() {}, error() {} } })
  try {
    await database.migrate()
    return await task(createStore(database))
  } finally {
    await database.close()
  }
}

async function seat(person: Person, secret: string): Promise<Seat> {
  return { room: person.room, greeting: { authorization: `Bearer ${await tokenOf(person, secret)}` } }
}

function tokenOf({ tenantId, userId }: Omit<Person, 'room'>, secret: string): Promise<string> {
  const ttlSeconds = 86_400
  return mintToken({ secret, tenantId, userId, name: userId, ttlSeconds, now: Date.now(), tenantClaim: 'org_id' })
}

/** Sixty-four at a time, in the order of the things. */
async function inParallel<Thing, Result>(
  things: readonly Thing[],
  task: (thing: Thing) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const queue = things.entries()
  const walk = async () => {
    for (const [n, thing] of queue) results[n] = await task(thing)
  }
  await Promise.all(Array.from({ length: 64 }, walk))
  return results
}
