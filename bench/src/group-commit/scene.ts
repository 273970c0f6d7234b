import { newId } from '../../../src/domain/ids.ts'
import type { Viewer } from '../../../src/domain/viewer.ts'
import { createMessageService } from '../../../src/services/messages.ts'
import { createStore } from '../../../src/store/create-store.ts'
import { createPostgres } from '../../../src/store/database/postgres.ts'
import { conversationOf, enrol } from '../../../test/support/tenant-fixture.ts'
import { oneTransactionEach } from './one-each.ts'

const MEMBERS = 4
/** 100 bytes, as every workload sends them. */
const CONTENT = 'x'.repeat(100)

export type Way = 'grouped' | 'one each'

/** A message service over a database of its own, and people who have something to say. */
export interface Scene {
  /** One durable send by the person of that number. */
  send(person: number): Promise<void>
  /** Says something once, to be edited again and again by the returned function. */
  editor(person: number): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** Rooms of four, dealt out to the tenants: their locks are what the two ways of committing differ in. */
export async function openScene(url: string, way: Way, people: number, tenants: number): Promise<Scene> {
  const database = createPostgres({ url, logger: { debug() {}, info() {}, warn: complain, error: complain } })
  await database.migrate()
  const real = createStore(database)
  const store = way === 'grouped' ? real : oneTransactionEach(real, database)
  const viewers: Viewer[] = []
  const rooms: string[] = []
  while (viewers.length < people) {
    const tenantId = `tenant-${rooms.length % tenants}`
    const ids = Array.from({ length: MEMBERS }, (_, n) => `user-${viewers.length + n}`)
    await enrol(real.tenant(tenantId), ...ids)
    rooms.push(await conversationOf(real.tenant(tenantId), ids))
    viewers.push(...ids.map(userId => viewerOf(tenantId, userId)))
  }
  const limits = { maxContentCodePoints: 10_000, maxMetadataBytes: 8_192, maxConversationMembers: 10_000 }
  const messages = createMessageService({ store, newId, limits })

  async function say(person: number) {
    const viewer = viewers[person]
    const conversationId = rooms[Math.floor(person / MEMBERS)]
    if (viewer === undefined || conversationId === undefined) throw new RangeError('Nobody has that number.')
    const { thing } = await messages.send(viewer, { conversationId, content: CONTENT, clientMessageId: newId() })
    return { viewer, messageId: thing.id }
  }

  return {
    async send(person) {
      await say(person)
    },
    async editor(person) {
      const { viewer, messageId } = await say(person)
      return async () => {
        await messages.edit(viewer, { messageId, content: CONTENT })
      }
    },
    close: () => database.close(),
  }
}

function viewerOf(tenantId: string, userId: string): Viewer {
  return {
    tenantId,
    userId,
    name: null,
    avatarUrl: null,
    roles: [],
    issuedAt: null,
    expiresAt: Infinity,
    tokenId: null,
  }
}

function complain(facts: unknown, message: string): void {
  process.stderr.write(`${message} ${JSON.stringify(facts)}\n`)
}
