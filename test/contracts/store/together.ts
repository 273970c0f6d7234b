import { expect, test } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import { command } from '../../../src/store/command.ts'
import { updateConversation } from '../../../src/store/commands/change-conversation.ts'
import { editMessage } from '../../../src/store/commands/change-message.ts'
import { type SendMessageInput, toSend } from '../../../src/store/commands/send-message.ts'
import { createStore } from '../../../src/store/create-store.ts'
import { type Database, StatementError } from '../../../src/store/database/database.ts'
import { createCrowds, type Place } from '../../support/crowd.ts'
import { conversationOf, draft, enrol, say } from '../../support/tenant-fixture.ts'

const send = ({ tenant, room }: Place, over: Partial<SendMessageInput> = {}) =>
  tenant.log.submit(toSend(draft(room, 'alice', over)))

const rename = ({ tenant, room }: Place, title: string) =>
  tenant.log.submit(
    command(updateConversation, {
      conversationId: room,
      actorId: 'alice',
      actorRole: 'OWNER',
      title,
      metadata: undefined,
    }),
  )

/** That the sends of tenants which share a transaction are one statement, and that each is what it would have been alone. */
export function describeTogether(open: () => Promise<Database>): void {
  const { watched, places, crowd } = createCrowds(open)

  const statements = (sent: readonly (readonly { readonly name: string }[])[], name: string) =>
    sent.flat().filter(statement => statement.name === name)

  async function positions({ tenant }: Place): Promise<readonly number[]> {
    return (await tenant.log.after(0, 1_000)).events.map(({ position }) => position)
  }

  test('one statement takes the locks of all tenants, and one has all their sends', async () => {
    const { crowd: all, sent } = await crowd(9)
    await Promise.all(all.flatMap(place => [send(place), send(place, { senderId: 'bob' })]))
    expect(sent.map(one => one.map(({ name }) => name))).toEqual([
      ['patience', 'as_tenants', 'locked_heads', 'send_message_together'],
    ])
  })

  test('whatever the ids of tenants are made of', async () => {
    const { database, committed } = await watched(1)
    const store = createStore(database)
    const ids = ['"', '\\', '{', '}', ',', "'", '\x1f', 'NULL', ' ', 'ü', '😀', '', '%', '$1'].map(
      id => `${newId()}${id}`,
    )
    const all = ids.flatMap(id => [id, `${id},`, `{${id}}`]).map(id => ({ tenant: store.tenant(id), id }))
    const made: Place[] = []
    for (const { tenant } of all) {
      await enrol(tenant, 'alice')
      made.push({ tenant, room: await conversationOf(tenant, ['alice']) })
    }
    committed.length = 0
    const told = await Promise.all(made.map(({ tenant, room }) => say(tenant, room, 'alice', `of ${tenant.id}`)))
    expect(await Promise.allSettled(committed)).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }])
    expect(told.map(({ seq, content }) => [seq, content])).toEqual(
      ids.flatMap(() => [2, 2, 2]).map((seq, n) => [seq, `of ${all[n]?.id}`]),
    )
  })

  test('a retry in it finds its original, and one with another text is told whose key it was', async () => {
    const { crowd: all, sent } = await crowd(4)
    const key = { clientMessageId: 'key', inputHash: 'aa' }
    const first = await Promise.all(all.map(place => send(place, key)))
    const again = await Promise.all(all.flatMap(place => [send(place, key), send(place, { clientMessageId: 'other' })]))
    expect(again.map(result => result?.type)).toEqual(all.flatMap(() => ['known', 'sent']))
    const originals = first.map(result => result?.type === 'sent' && result.message.id)
    expect(again.map(result => result?.type === 'known' && result.messageId).filter(Boolean)).toEqual(originals)
    expect(statements(sent, 'send_message_together')).toHaveLength(2)
    for (const place of all) expect(await positions(place)).toEqual([1, 2, 3])
  })

  test('the same ids in several tenants are each tenant’s own', async () => {
    const { crowd: all } = await crowd(4)
    const same = { messageId: newId(), clientMessageId: newId() }
    const sent = await Promise.all(all.map(place => send(place, { ...same, content: `of ${place.tenant.id}` })))
    for (const [n, { tenant }] of all.entries()) {
      expect(sent[n]).toMatchObject({ type: 'sent', message: { seq: 2, position: 2, content: `of ${tenant.id}` } })
      expect(await tenant.messages.byIds([same.messageId])).toMatchObject([{ content: `of ${tenant.id}` }])
    }
  })

  test('the guards refuse one, and nobody else notices', async () => {
    const { crowd: all, committed } = await crowd(5)
    const results = await Promise.all(
      all.flatMap((place, n) => [send(place, { senderId: n % 2 === 0 ? 'mallory' : 'bob' }), send(place)]),
    )
    expect(results.map(result => result?.type)).toEqual(
      all.flatMap((_, n) => [n % 2 === 0 ? undefined : 'sent', 'sent']),
    )
    expect(committed).toHaveLength(1)
    for (const [n, place] of all.entries()) expect(await positions(place)).toEqual(n % 2 === 0 ? [1, 2] : [1, 2, 3])
  })

  test('what another tenant of the same statement has is unknown', async () => {
    const { crowd: all, sent } = await crowd(3)
    const [own, other] = all
    if (own === undefined || other === undefined) throw new TypeError('there are no two places')
    await enrol(other.tenant, 'carol')
    const theirs = { tenant: other.tenant, room: await conversationOf(other.tenant, ['carol', 'alice']) }
    const secret = await say(other.tenant, other.room, 'alice', 'secret')
    sent.length = 0
    const results = await Promise.all([
      send({ ...own, room: other.room }),
      send({ ...own, room: theirs.room }, { senderId: 'carol' }),
      send(own, { senderId: 'carol' }),
      send(own, { replyToId: secret.id }),
      send(own, { mentions: ['carol'] }),
      send(own, { clientMessageId: secret.clientMessageId }),
      ...all.map(place => send(place)),
      send(theirs, { senderId: 'carol', mentions: ['alice'] }),
    ])
    const refused = Array(5).fill(undefined)
    expect(results.map(result => result?.type)).toEqual([...refused, 'sent', 'sent', 'sent', 'sent', 'sent'])
    expect(statements(sent, 'send_message_together')).toHaveLength(1)
    expect(await positions(own)).toEqual([1, 2, 3])
    expect(await positions(other)).toEqual([1, 2, 3, 4, 5])
    const { events } = await other.tenant.log.after(0, 100)
    expect(events.map(({ conversationId, seq }) => [conversationId, seq])).toEqual([
      [other.room, 1],
      [theirs.room, 1],
      [other.room, 2],
      [other.room, 3],
      [theirs.room, 2],
    ])
  })

  test('a tenant that does something else too shares the transaction, in its own order and after its own name', async () => {
    const { crowd: all, sent } = await crowd(4)
    const [first] = all
    if (first === undefined) throw new TypeError('there is no place')
    const message = await say(first.tenant, first.room, 'alice', 'first')
    sent.length = 0
    const edit = { messageId: message.id, actorId: 'alice', content: 'edited', version: 1 }
    const [before, edited, ...others] = await Promise.all([
      send(first),
      first.tenant.log.submit(command(editMessage, edit)),
      ...all.slice(1).map(place => send(place)),
    ])
    expect(before).toMatchObject({ message: { position: 3 } })
    expect(edited).toMatchObject({ position: 4 })
    expect(others).toMatchObject(Array(3).fill({ message: { position: 2 } }))
    expect(sent.map(one => one.map(({ name }) => name))).toEqual([
      [
        ...['patience', 'as_tenants', 'locked_heads', 'send_message_together'],
        ...['as_tenant', 'locked_head', 'send_plain_message', 'edit_message'],
      ],
    ])
  })

  test('a send that the database refuses is the only one that fails', async () => {
    const { crowd: all } = await crowd(4)
    const told = await Promise.allSettled(
      all.flatMap((place, n) => [send(place), send(place, { senderId: 'bob', content: n === 1 ? 'nul: \0' : 'good' })]),
    )
    const failed = told.flatMap((answer, n) => (answer.status === 'rejected' ? [[n, answer.reason]] : []))
    expect(failed).toEqual([[3, expect.any(StatementError)]])
    for (const [n, place] of all.entries()) expect(await positions(place)).toEqual(n === 1 ? [1, 2] : [1, 2, 3])
  })

  test('two nodes under load, with sends and other commands of the same tenants, lose nothing and get into no deadlock', async () => {
    const nodes = [await watched(2), await watched(2)]
    const stores = nodes.map(({ database }) => createStore(database))
    const [one] = stores
    if (one === undefined) throw new TypeError('there is no node')
    const all = await places(one, 12)
    const told = new Map(all.map(({ tenant }) => [tenant.id, [] as number[]]))
    for (const store of stores) {
      store.onCommit((id, { events }) => told.get(id)?.push(...events.map(({ position }) => position)))
    }
    const rounds = 12
    await Promise.all(
      stores.map(async (store, node) => {
        for (let round = 0; round < rounds; round++) {
          const order = all.toSorted(() => ((node + round) % 2 === 0 ? 1 : -1))
          await Promise.all(
            order.flatMap(({ tenant: { id }, room }, n) => {
              const place = { tenant: store.tenant(id), room }
              return [
                send(place),
                (n + round) % 3 === 0 ? rename(place, `${node} ${round}`) : send(place, { senderId: 'bob' }),
              ]
            }),
          )
        }
      }),
    )
    for (const { committed } of nodes) {
      const answers = await Promise.allSettled(committed)
      expect(answers.filter(({ status }) => status === 'rejected')).toEqual([])
    }
    const each = Array.from({ length: 4 * rounds }, (_, n) => n + 2)
    for (const place of all) {
      const { events } = await place.tenant.log.after(1, 1_000)
      expect(events.map(({ seq }) => seq)).toEqual(each)
      expect(await positions(place)).toEqual([1, ...each])
      expect(told.get(place.tenant.id)?.toSorted((a, b) => a - b)).toEqual(each)
    }
  })
}
