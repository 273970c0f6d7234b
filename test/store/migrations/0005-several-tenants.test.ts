import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/domain/clock.ts'
import { newId } from '../../../src/domain/ids.ts'
import type { MessageRecord } from '../../../src/domain/records.ts'
import { type SendMessageInput, toSend } from '../../../src/store/commands/send-message.ts'
import { createStore } from '../../../src/store/create-store.ts'
import type { Database } from '../../../src/store/database/database.ts'
import type { Migration } from '../../../src/store/database/migrate.ts'
import { createPglite } from '../../../src/store/database/pglite.ts'
import { createPostgres } from '../../../src/store/database/postgres.ts'
import { severalTenants } from '../../../src/store/migrations/0005-several-tenants.ts'
import { migrations } from '../../../src/store/migrations/index.ts'
import type { CommittedBatch, Store } from '../../../src/store/store.ts'
import { createCrowds, type Place } from '../../support/crowd.ts'
import { pgliteDirectory, postgresDatabase, silent } from '../../support/database.ts'
import { releaseBefore } from '../../support/release-before.ts'
import { conversationOf, draft, enrol } from '../../support/tenant-fixture.ts'

const EARLIER = migrations.filter(({ id }) => id < severalTenants.id)

const send = ({ tenant, room }: Place, over: Partial<SendMessageInput> = {}) =>
  tenant.log.submit(toSend(draft(room, 'alice', over)))

async function sent(place: Place, over: Partial<SendMessageInput> = {}) {
  const result = await send(place, over)
  if (result?.type !== 'sent') throw new Error(`the message was not sent: ${result?.type}`)
  return result.message
}

const placed = ({ id, seq, position }: MessageRecord) => ({ id, seq, position })

/** What the tenant’s one room has, in the order of the log. */
async function logOf({ tenant, room }: Place) {
  const { events, head } = await tenant.log.after(0, 1_000)
  const { items } = await tenant.messages.ofConversation(room, 1_000, {
    direction: 'forward',
    count: 1_000,
    cursor: null,
  })
  return {
    head,
    last: events.at(-1),
    positions: events.map(({ position }) => position),
    seqs: events.map(({ seq }) => seq),
    messages: items.map(placed),
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1)

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** A database that can be opened again by another release. */
type Opener = (migrations?: readonly Migration[]) => Promise<Database>

async function onPostgres(): Promise<Opener> {
  const { url, close } = await postgresDatabase()
  closing.push(close)
  return async (known = migrations) => createPostgres({ url, logger: silent, migrations: known })
}

async function onPglite(): Promise<Opener> {
  const { path, close } = await pgliteDirectory()
  closing.push(close)
  return async (known = migrations) =>
    createPglite({ dataDir: path, logger: silent, clock: systemClock, migrations: known })
}

async function opened(open: Opener, known?: readonly Migration[]): Promise<Database> {
  const database = await open(known)
  closing.push(() => database.close())
  await database.migrate()
  return database
}

async function roomOf(store: Store): Promise<Place> {
  const tenant = store.tenant(newId())
  await enrol(tenant, 'alice', 'bob')
  return { tenant, room: await conversationOf(tenant, ['alice', 'bob']) }
}

const onAnother = (store: Store, { tenant, room }: Place): Place => ({ tenant: store.tenant(tenant.id), room })

describe.each([
  ['Postgres', onPostgres],
  ['PGlite', onPglite],
] as const)('what was written before tenants could share a statement, on %s', (_, make) => {
  const key = { clientMessageId: 'key', inputHash: 'aa' }

  async function upgraded(tenants: number) {
    const open = await make()
    const earlier = await opened(open, EARLIER)
    const store = createStore(releaseBefore(earlier))
    const written = []
    for (let n = 0; n < tenants; n++) {
      const place = await roomOf(store)
      const first = await sent(place, key)
      written.push({ place, first, second: await sent(place, { replyToId: first.id }), log: await logOf(place) })
    }
    await earlier.close()
    const database = await opened(open)
    const watched = await createCrowds(async () => database).watched(1)
    const now = createStore(watched.database)
    return { written: written.map(old => ({ ...old, place: onAnother(now, old.place) })), sent: watched.sent }
  }

  it.each([
    ['alone', 1, ['locked_head', 'send_message']],
    ['in a shared transaction', 3, ['locked_heads', 'send_message_together']],
  ] as const)('is replied to, found by its key and gone on from, %s', async (_name, tenants, names) => {
    const { written, sent: transactions } = await upgraded(tenants)
    for (const { place, log } of written) expect(await logOf(place)).toEqual(log)
    const results = await Promise.all(
      written.map(({ place, first, second }) =>
        Promise.all([
          sent(place, { replyToId: first.id, mentions: ['bob'] }),
          send(place, { ...key, content: 'said again' }),
          send(place, { clientMessageId: second.clientMessageId, inputHash: 'bb' }),
          sent(place, { senderId: 'bob', replyToId: second.id }),
          send(place, { replyToId: newId() }),
        ]),
      ),
    )
    expect(transactions.map(statements => statements.map(({ name }) => name))).toEqual([
      expect.arrayContaining([...names]),
    ])
    for (const [n, { place, first, second, log }] of written.entries()) {
      expect(results[n]).toMatchObject([
        { seq: 4, position: 4, replyToId: first.id },
        { type: 'known', messageId: first.id, inputHash: 'aa' },
        { type: 'known', messageId: second.id, inputHash: '00' },
        { seq: 5, position: 5, replyToId: second.id },
        undefined,
      ])
      const { head, last, positions, seqs, messages } = await logOf(place)
      expect([positions, seqs]).toEqual([upTo(5), upTo(5)])
      expect(messages.slice(0, 2)).toEqual(log.messages)
      expect(messages).toHaveLength(4)
      expect(last).toMatchObject(head)
      expect(await place.tenant.messages.byKey('alice', 'key')).toEqual({ messageId: first.id, inputHash: 'aa' })
    }
  })
})

describe('a node of the release before, which goes on when another has brought the schema up to date', () => {
  async function nodeBefore(tenants: number) {
    const open = await onPostgres()
    const store = createStore(releaseBefore(await opened(open, EARLIER)))
    const places = []
    for (let n = 0; n < tenants; n++) places.push(await roomOf(store))
    return { open, store, places }
  }

  /** That node has sent something before, so its sessions have statements that were prepared for the schema of then. */
  async function nodes(tenants: number) {
    const { open, store: before, places } = await nodeBefore(tenants)
    for (const place of places) await sent(place)
    const { database, committed, sent: transactions } = await createCrowds(() => opened(open)).watched(1)
    const now = createStore(database)
    const pairs = places.map(place => ({ before: place, now: onAnother(now, place) }))
    /** Whether a transaction that had such a statement in it was committed. */
    async function hasCommitted(statement: string): Promise<boolean> {
      const settled = await Promise.allSettled(committed)
      return transactions.some(
        (statements, n) => settled[n]?.status === 'fulfilled' && statements.some(({ name }) => name === statement),
      )
    }
    return { pairs, stores: [before, now], hasCommitted }
  }

  it('is refused nothing while the schema changes under it', async () => {
    const { open, places } = await nodeBefore(3)
    let changed = false
    const changing = opened(open).finally(() => {
      changed = true
    })
    const told = await Promise.all(
      places.map(async place => {
        const messages = [await sent(place)]
        while (!changed) messages.push(await sent(place))
        return [...messages, await sent(place)]
      }),
    )
    await changing
    for (const [n, place] of places.entries()) {
      const seqs = told[n]?.map(({ seq }) => seq) ?? []
      expect((await logOf(place)).messages.map(({ seq }) => seq)).toEqual(seqs)
      expect([1, ...seqs]).toEqual(upTo(seqs.length + 1))
    }
  })

  it.each([
    ['alone', 1, 'locked_head'],
    ['in shared transactions', 3, 'locked_heads'],
  ] as const)(
    'sends at the same time as one that sends %s: nothing is refused, lost or left out',
    async (_, tenants, lock) => {
      const { pairs, stores, hasCommitted } = await nodes(tenants)
      const batches = new Map<string, CommittedBatch[]>(pairs.map(({ now }) => [now.tenant.id, []]))
      for (const store of stores) store.onCommit((id, batch) => batches.get(id)?.push(batch))
      const rounds = 25
      const told = new Map<object, ReturnType<typeof placed>[]>(pairs.map(pair => [pair, []]))
      for (let round = 0; round < rounds; round++) {
        await Promise.all(
          pairs.map(async pair => {
            const messages = await Promise.all(
              [pair.before, pair.now, pair.before, pair.now].map((place, n) =>
                sent(place, { senderId: n < 2 ? 'alice' : 'bob' }),
              ),
            )
            told.get(pair)?.push(...messages.map(placed))
          }),
        )
      }
      const last = 2 + rounds * 4
      for (const pair of pairs) {
        const messages = told.get(pair) ?? []
        const log = await logOf(pair.now)
        expect([log.positions, log.seqs]).toEqual([upTo(last), upTo(last)])
        expect(log.messages.slice(1)).toEqual(messages.toSorted((a, b) => a.seq - b.seq))
        expect(log.last).toMatchObject(log.head)
        expect(await logOf(pair.before)).toEqual(log)
        const tidings = (batches.get(pair.now.tenant.id) ?? []).toSorted((a, b) => a.after.position - b.after.position)
        expect(tidings.flatMap(({ events }) => events.map(({ position }) => position))).toEqual(upTo(last).slice(2))
        tidings.slice(1).forEach(({ after }, n) => {
          const { position, mark } = tidings[n]?.events.at(-1) ?? after
          expect(after).toEqual({ position, mark })
        })
      }
      expect(await hasCommitted(lock)).toBe(true)
    },
  )

  it('finds by their keys what the other has sent, is replied to and replies', async () => {
    const { pairs } = await nodes(1)
    for (const { before, now } of pairs) {
      for (const [one, other] of [
        [before, now],
        [now, before],
      ] as const) {
        const message = await sent(one, { inputHash: 'aa' })
        const { clientMessageId } = message
        const known = { type: 'known', messageId: message.id, inputHash: 'aa' }
        expect(await send(other, { clientMessageId, inputHash: 'bb' })).toEqual(known)
        expect(await sent(other, { replyToId: message.id })).toMatchObject({ seq: message.seq + 1 })
      }
      expect((await logOf(now)).positions).toEqual(upTo(6))
    }
  })
})
