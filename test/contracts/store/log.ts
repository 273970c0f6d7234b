import { expect, test, vi } from 'vitest'
import type { EventRecord } from '../../../src/domain/event.ts'
import { newId } from '../../../src/domain/ids.ts'
import type { Json } from '../../../src/domain/json.ts'
import type { MessageRecord } from '../../../src/domain/records.ts'
import { command } from '../../../src/store/command.ts'
import { editMessage } from '../../../src/store/commands/change-message.ts'
import { type SendMessageInput, toSend } from '../../../src/store/commands/send-message.ts'
import { createStore } from '../../../src/store/create-store.ts'
import { type Database, StatementError, UnavailableError } from '../../../src/store/database/database.ts'
import type { Store, TenantStore } from '../../../src/store/store.ts'
import { conversationOf, draft, enrol, removeFrom, say } from '../../support/tenant-fixture.ts'

/** What the log of record promises of writing, over any database. `open` gives a store of it. */
export function describeLog(open: () => Promise<Store>, openDatabase: () => Promise<Database>): void {
  async function tenantOf(store: Store, ...users: readonly string[]): Promise<TenantStore> {
    const tenant = store.tenant(newId())
    await enrol(tenant, ...users)
    return tenant
  }

  test('seq and position are dense and in commit order under 32 concurrent writers', async () => {
    const store = await open()
    const writers = Array.from({ length: 32 }, (_, n) => `writer-${n}`)
    const tenant = await tenantOf(store, ...writers)
    const committed: EventRecord[] = []
    store.onCommit((id, batch) => {
      if (id === tenant.id) committed.push(...batch.events)
    })
    const rooms = [await conversationOf(tenant, writers), await conversationOf(tenant, writers)]
    await Promise.all(
      writers.map(async (writer, w) => {
        for (let n = 0; n < 10; n++) {
          const room = rooms[(w + n) % 2] ?? ''
          const message = await say(tenant, room, writer, `${n}`)
          if (n % 5 === 0) {
            const edit = { messageId: message.id, actorId: writer, content: 'edited', version: 1 }
            await tenant.log.submit(command(editMessage, edit))
          }
        }
      }),
    )
    const { events, head } = await tenant.log.after(0, 1_000)
    expect(events.map(event => event.position)).toEqual(countTo(2 + 32 * 12))
    expect(head.position).toBe(2 + 32 * 12)
    for (const room of rooms) {
      const own = events.filter(event => event.conversationId === room)
      expect(own.map(event => event.seq)).toEqual(countTo(own.length))
    }
    expect(committed.map(({ position, mark, seq }) => ({ position, mark, seq }))).toEqual(
      events.map(({ position, mark, seq }) => ({ position, mark, seq })),
    )
    const instants = events.map(event => event.at.getTime())
    expect(instants).toEqual(instants.toSorted((a, b) => a - b))
  })

  test('a sender’s concurrent messages are kept in the order they were submitted', async () => {
    const tenant = await tenantOf(await open(), 'alice')
    const room = await conversationOf(tenant, ['alice'])
    const sent = await Promise.all(countTo(50).map(n => say(tenant, room, 'alice', `${n}`)))
    expect(sent.map(message => message.seq)).toEqual(countTo(50).map(n => n + 1))
  })

  test('what comes in one turn of the event loop goes in one commit', async () => {
    const counted = countCommits(await openDatabase())
    const store = createStore(counted.database)
    const tenant = await tenantOf(store, 'alice')
    const room = await conversationOf(tenant, ['alice'])
    const before = counted.commits()
    const first = say(tenant, room, 'alice')
    for (let n = 0; n < 10; n++) await Promise.resolve()
    await Promise.all([first, say(tenant, room, 'alice')])
    expect(counted.commits() - before).toBe(1)
  })

  test('the same key sent many times at once makes one message, and every answer is the original', async () => {
    const tenant = await tenantOf(await open(), 'alice')
    const room = await conversationOf(tenant, ['alice'])
    const clientMessageId = newId()
    const answers = await Promise.all(
      countTo(20).map(() => tenant.log.submit(toSend(draft(room, 'alice', { clientMessageId })))),
    )
    const ids = answers.map(answer => (answer?.type === 'sent' ? answer.message.id : answer?.messageId))
    expect(new Set(ids).size).toBe(1)
    expect(answers.filter(answer => answer?.type === 'sent')).toHaveLength(1)
    expect((await tenant.log.head()).position).toBe(2)
  })

  test('a key answers with its original even after its sender has gone, and with the hash of what it came with', async () => {
    const tenant = await tenantOf(await open(), 'alice', 'bob')
    const room = await conversationOf(tenant, ['alice', 'bob'])
    const input = draft(room, 'bob', { inputHash: 'c0ffee' })
    await tenant.log.submit(toSend(input))
    await removeFrom(tenant, room, 'alice', 'bob')
    const retry = await tenant.log.submit(toSend({ ...input, messageId: newId(), inputHash: 'beef' }))
    expect(retry).toEqual({ type: 'known', messageId: input.messageId, inputHash: 'c0ffee' })
  })

  test('what was said is kept as it was said, whatever it has in common with an array or with JSON', async () => {
    const people = ['alice', 'NULL', '{}', 'a,"b"', '\\', ' ']
    const tenant = await tenantOf(await open(), ...people)
    const room = await conversationOf(tenant, people)
    const said = [
      ...['', 'NULL', 'null', '{}', '{"a",NULL}', '"', '\\', '\\"', "'", '\r\n\t', ' é😀 ', '$1', 'x'.repeat(10_000)],
    ].map(content => draft(room, 'alice', { content, metadata: { [content]: [content, null, 1.5, { a: false }] } }))
    const kinds: readonly Json[] = [[], {}, '', 'null', 0, false, ['"'], { ['__proto__']: 1 }]
    const inputs = [
      ...said,
      ...kinds.map(metadata => draft(room, 'NULL', { metadata })),
      draft(room, 'a,"b"', { mentions: people, clientMessageId: '{"}' }),
      draft(room, '\\', { mentions: ['{}'] }),
    ]
    await Promise.all(inputs.map(input => tenant.log.submit(toSend(input))))
    const kept = await tenant.messages.byIds(inputs.map(({ messageId }) => messageId))
    const told = ({ content, metadata, mentions, senderId, clientMessageId }: SendMessageInput | MessageRecord) => {
      return { content, metadata, mentions, senderId, clientMessageId }
    }
    expect(kept.map(message => message && told(message))).toEqual(inputs.map(told))
    expect(kept.map(message => message?.seq)).toEqual(inputs.map((_, nth) => nth + 2))
  })

  test('a guard that does not hold writes nothing and fails nobody else of its batch', async () => {
    const tenant = await tenantOf(await open(), 'alice', 'stranger')
    const room = await conversationOf(tenant, ['alice'])
    const [before, refused, after] = await Promise.all([
      say(tenant, room, 'alice', 'before'),
      tenant.log.submit(toSend(draft(room, 'stranger'))),
      say(tenant, room, 'alice', 'after'),
    ])
    expect(refused).toBeUndefined()
    expect([before.seq, after.seq]).toEqual([2, 3])
    expect((await tenant.log.head()).position).toBe(3)
  })

  test('a command that the database refuses fails alone', async () => {
    const tenant = await tenantOf(await open(), 'alice')
    const room = await conversationOf(tenant, ['alice'])
    const [good, bad, alsoGood] = await Promise.allSettled([
      say(tenant, room, 'alice', 'one'),
      tenant.log.submit(toSend(draft(room, 'alice', { content: 'nul: \0' }))),
      say(tenant, room, 'alice', 'two'),
    ])
    expect([good.status, alsoGood.status]).toEqual(['fulfilled', 'fulfilled'])
    expect(bad.status === 'rejected' && bad.reason).toBeInstanceOf(StatementError)
    const { events } = await tenant.log.after(0, 10)
    expect(events.map(event => event.seq)).toEqual([1, 2, 3])
  })

  test('a command that the database refuses is found among many in a few commits, and the others keep their order', async () => {
    const counted = countCommits(await openDatabase())
    const store = createStore(counted.database)
    const tenant = await tenantOf(store, 'alice')
    const room = await conversationOf(tenant, ['alice'])
    const before = counted.commits()
    const answers = await Promise.allSettled(
      countTo(64).map(n => tenant.log.submit(toSend(draft(room, 'alice', { content: n === 23 ? 'nul: \0' : `${n}` })))),
    )
    expect(answers.flatMap(({ status }, index) => (status === 'rejected' ? index + 1 : []))).toEqual([23])
    expect(counted.commits() - before).toBeLessThanOrEqual(13)
    const { items } = await tenant.messages.ofConversation(room, 100, {
      direction: 'forward',
      count: 100,
      cursor: null,
    })
    expect(items.map(({ content }) => content)).toEqual(countTo(64).flatMap(n => (n === 23 ? [] : `${n}`)))
  })

  test('nobody’s commands overtake each other, whatever they share a commit with', async () => {
    const tenant = await tenantOf(await open(), 'alice', 'bob')
    const room = await conversationOf(tenant, ['alice', 'bob'])
    const first = await say(tenant, room, 'alice', 'first')
    const edit = (content: string, version: number) =>
      tenant.log.submit(command(editMessage, { messageId: first.id, actorId: 'alice', content, version }))
    const [two, edited, four, again, six] = await Promise.all([
      say(tenant, room, 'alice', 'two'),
      edit('three', 1),
      say(tenant, room, 'alice', 'four'),
      edit('five', 2),
      say(tenant, room, 'alice', 'six'),
      say(tenant, room, 'bob', 'meanwhile'),
    ])
    const own = [two.seq, edited?.seq, four.seq, again?.seq, six.seq]
    expect(own).toEqual(own.toSorted((a, b) => Number(a) - Number(b)))
  })

  test('what waits behind a commit that the database does not answer is refused with it', async () => {
    const database = await openDatabase()
    const silence = Promise.withResolvers<never>()
    let silent = false
    let commits = 0
    const store = createStore({
      ...database,
      async commit(statements, pipeline) {
        commits++
        return silent ? silence.promise : database.commit(statements, pipeline)
      },
    })
    const tenant = await tenantOf(store, 'alice')
    const room = await conversationOf(tenant, ['alice'])
    silent = true
    commits = 0
    const first = say(tenant, room, 'alice', 'first')
    await vi.waitFor(() => expect(commits).toBe(1))
    const behind = countTo(3).map(n => say(tenant, room, 'alice', `${n}`))
    const told = Promise.allSettled([first, ...behind])
    silence.reject(new UnavailableError('no answer', { silent: true }))
    for (const each of await told) expect(each).toMatchObject({ reason: { silent: true } })
    expect(commits).toBe(1)
    silent = false
    expect((await say(tenant, room, 'alice', 'after')).seq).toBe(2)
  })

  test('a commit whose answer is lost is refused as unavailable, and in doubt', async () => {
    const database = await openDatabase()
    let loses = false
    const store = createStore({
      ...database,
      async commit(statements, pipeline) {
        const rows = await database.commit(statements, pipeline)
        if (loses) throw new UnavailableError('the answer was lost')
        return rows
      },
    })
    const tenant = await tenantOf(store, 'alice')
    const room = await conversationOf(tenant, ['alice'])
    const doubted: string[] = []
    store.onDoubt(id => doubted.push(id))
    loses = true
    await expect(say(tenant, room, 'alice')).rejects.toThrow(UnavailableError)
    expect(doubted).toEqual([tenant.id])
    expect((await tenant.log.head()).position).toBe(2)
  })
}

/** The database, and how many commits it has been given. */
function countCommits(database: Database): { readonly database: Database; commits(): number } {
  let commits = 0
  const counted: Database = {
    ...database,
    commit(statements, pipeline) {
      commits++
      return database.commit(statements, pipeline)
    },
  }
  return { database: counted, commits: () => commits }
}

function countTo(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index + 1)
}
