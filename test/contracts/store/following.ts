import { expect, test } from 'vitest'
import { toSend } from '../../../src/store/commands/send-message.ts'
import { createStore } from '../../../src/store/create-store.ts'
import { type Database, type Pipeline, StatementError } from '../../../src/store/database/database.ts'
import { lockedHeadStatement } from '../../../src/store/log/head.ts'
import { asTenant } from '../../../src/store/session.ts'
import type { TenantStore } from '../../../src/store/store.ts'
import { conversationOf, draft, enrol } from '../../support/tenant-fixture.ts'
import { sql } from '../database.ts'

const CROWD = Array.from({ length: 40 }, (_, n) => `first-${n}`)
const LATER = Array.from({ length: 40 }, (_, n) => `later-${n}`)

/** A batch of a tenant that leaves while another one of it is under way. */
export function describeFollowing(openDatabase: () => Promise<Database>): void {
  /**
   * Everyone of the crowd says something; while that is under way, they and as many others say more, and a batch leaves with what those say. Whoever's number
   * it is says what the database refuses in the first batch.
   */
  async function twoWaves(refused?: number) {
    const database = await openDatabase()
    const second = Promise.withResolvers<void>()
    const held: Promise<unknown>[] = []
    let lead: Pipeline | undefined
    let onLead = () => {}
    /** The first batch waits for its lock, and is not answered before another one was sent behind it. */
    const commit: Database['commit'] = async (statements, pipeline = {}) => {
      const isLead = lead === undefined
      lead ??= pipeline
      if (isLead) held.push(database.commit([asTenant(id), lockedHeadStatement(id), sql('SELECT pg_sleep($1)', 0.1)]))
      const answer = database.commit(statements, pipeline)
      if (!isLead) {
        if (pipeline === lead) second.resolve()
        return answer
      }
      queueMicrotask(onLead)
      return answer.finally(() => second.promise)
    }
    const own = createStore(database)
    const id = crypto.randomUUID()
    await enrol(own.tenant(id), ...CROWD, ...LATER)
    const room = await conversationOf(own.tenant(id), [...CROWD, ...LATER])
    const store = createStore({ ...database, commit })
    const tenant = store.tenant(id)
    const told: number[] = []
    store.onCommit((_, { events }) => told.push(...events.map(({ position }) => position)))
    const say = (who: string, content: string) => tenant.log.submit(toSend(draft(room, who, { content })))

    const more = Promise.withResolvers<PromiseSettledResult<unknown>[]>()
    onLead = () => more.resolve(Promise.allSettled([...CROWD, ...LATER].map(who => say(who, 'second'))))
    const first = await Promise.allSettled(CROWD.map((who, n) => say(who, n === refused ? 'nul: \0' : 'first')))
    const answers = [...first, ...(await more.promise)]
    await Promise.all(held)
    return { tenant, room, told, answers }
  }

  async function saidBy(tenant: TenantStore, room: string): Promise<Record<string, string>> {
    const said: Record<string, string> = {}
    const page = { direction: 'forward', count: 200, cursor: null } as const
    const { items } = await tenant.messages.ofConversation(room, 1_000, page)
    for (const { senderId, content } of items) said[senderId] = `${said[senderId] ?? ''} ${content}`
    return said
  }

  const positions = (count: number) => Array.from({ length: count }, (_, n) => n + 2)

  test('a batch that leaves behind another one is committed after it, and told after it', async () => {
    const { tenant, room, told, answers } = await twoWaves()
    expect(answers.filter(({ status }) => status === 'rejected')).toEqual([])
    expect(told).toEqual(positions(120))
    const expected = [...CROWD.map(who => [who, ' first second']), ...LATER.map(who => [who, ' second'])]
    expect(await saidBy(tenant, room)).toEqual(Object.fromEntries(expected))
  })

  test('a command that the database refuses fails alone, though a batch has left behind its own, and nobody’s commands pass each other', async () => {
    const { tenant, room, told, answers } = await twoWaves(17)
    const refused = answers.flatMap((answer, nth) => (answer.status === 'rejected' ? [{ nth, ...answer }] : []))
    expect(refused).toMatchObject([{ nth: 17, reason: expect.any(StatementError) }])
    expect(told).toEqual(positions(119))
    const said = await saidBy(tenant, room)
    for (const who of CROWD) expect(said[who]).toBe(who === 'first-17' ? ' second' : ' first second')
    for (const who of LATER) expect(said[who]).toBe(' second')
  })
}
