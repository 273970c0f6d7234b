import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import type { Cursor } from '../../../src/domain/position.ts'
import { createStore } from '../../../src/store/create-store.ts'
import type { Statement } from '../../../src/store/database/database.ts'
import { createLogReads } from '../../../src/store/log/pages.ts'
import { prune } from '../../../src/store/log/prune.ts'
import { asTenant } from '../../../src/store/session.ts'
import type { LogReads, TenantStore } from '../../../src/store/store.ts'
import { describeDatabases, type OpenDatabase } from '../../support/database.ts'
import { goneThrough } from '../../support/gone-through.ts'
import { conversationOf, enrol, join, say } from '../../support/tenant-fixture.ts'

const ROOMS = 60
const EACH = 5
/** Messages of a conversation, of which the oldest go. */
const MANY = 400

// A session keeps the plan that it made when the tables were empty, until somebody analyses them.
describeDatabases('A page whose plan was made on empty tables', open => {
  let opened: OpenDatabase
  let tenant: TenantStore
  let rooms: string[]
  let start: Cursor
  let long: Awaited<ReturnType<typeof longConversation>>
  beforeAll(async () => {
    opened = await open()
    tenant = createStore(opened.database).tenant(newId())
    await enrol(tenant, 'alice', 'bob')
    start = await tenant.log.head()
    rooms = [await conversationOf(tenant, ['alice'])]
    for (const [, read] of pages) await cost(read)
    rooms = await Promise.all(
      Array.from({ length: ROOMS }, (_, n) => conversationOf(tenant, [n === 0 ? 'bob' : 'alice'])),
    )
    for (let round = 0; round < EACH; round++)
      await Promise.all(rooms.map((room, n) => say(tenant, room, n === 0 ? 'bob' : 'alice')))
    long = await longConversation()
  })
  afterAll(() => opened.close())

  /** A long conversation of Alice's that Bob joins after all but a few messages, of which the first half has no event any more. */
  async function longConversation() {
    const own = createStore(opened.database).tenant(newId())
    await enrol(own, 'alice', 'bob', 'carol')
    const before = await own.log.head()
    const room = await conversationOf(own, ['alice'])
    for (let n = 0; n < MANY / 100; n++) await Promise.all(Array.from({ length: 100 }, () => say(own, room, 'alice')))
    await join(own, room, 'alice', 'bob')
    const end = await own.log.head()
    await say(own, room, 'bob')
    await prune(opened.database, own.id, { maxAgeMs: null, maxEvents: MANY / 2 }, Date.now(), MANY)
    return { own, room, before, end }
  }

  test.each([
    ['who has missed a little', 'alice', 'end'],
    ['whose place is below the floor', 'alice', 'before'],
    ['who joined late', 'bob', 'before'],
    ['who was never in it', 'carol', 'before'],
    ['who was never in it, at its end', 'carol', 'end'],
  ] as const)('of a long conversation goes through few rows for one %s', async (_, user, at) => {
    const { own, room, ...places } = long
    expect(await cost(log => log.conversationPage(room, user, places[at], 5), own.id)).toBeLessThan(60)
  })

  /** What one read of the log goes through. */
  async function cost(read: (log: LogReads) => Promise<unknown>, tenantId = tenant.id): Promise<number> {
    let total = Number.NaN
    const gone = async (...statements: readonly Statement[]) => {
      total = await goneThrough(opened.database.read, [asTenant(tenantId), ...statements])
      return [[{ position: 0n, mark: 0n }]]
    }
    await read(createLogReads({ grouped: gone, alone: gone }, tenantId))
    return total
  }

  const pages: readonly (readonly [string, (log: LogReads) => Promise<unknown>])[] = [
    ['of a conversation', log => log.conversationPage(rooms[0] ?? '', 'bob', start, 100)],
    ['of a conversation, from now on', log => log.conversationPage(rooms[0] ?? '', 'bob', null, 100)],
  ]

  test.each(pages)('goes through few rows, however many the tenant has: %s', async (_, read) => {
    expect(await cost(read)).toBeLessThan(10 * (EACH + 1))
  })

  test('of an inbox reads the messages of its own events by their keys', async () => {
    const events = ROOMS * (EACH + 1) + 1
    // Each event is looked at with its membership; only what is the user's own costs more.
    expect(await cost(log => log.inboxPage('bob', start, 100))).toBeLessThan(4 * events)
  })
})
