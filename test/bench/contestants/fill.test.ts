import { expect, test } from 'vitest'
import { fill } from '../../../bench/src/contestants/fill.ts'
import { createStore } from '../../../src/store/create-store.ts'
import { createPostgres } from '../../../src/store/database/postgres.ts'
import { postgresDatabase } from '../../support/database.ts'
import { createRecordingLogger } from '../../support/recording-logger.ts'
import { enrol, say } from '../../support/tenant-fixture.ts'

const CONVERSATIONS = 12
const EACH = 3

test('what the benchmark writes at once is what the commands would have written', async () => {
  const { url, close } = await postgresDatabase()
  const database = createPostgres({ url, logger: createRecordingLogger() })
  try {
    await database.migrate()
    const tenant = createStore(database).tenant('acme')
    await enrol(tenant, 'filler-0')
    const start = await tenant.log.head()
    await fill(url, tenant.id, { conversations: CONVERSATIONS, messagesEach: EACH })

    const head = await tenant.log.head()
    expect(head.position).toBe(CONVERSATIONS * (1 + EACH))
    const { events } = await tenant.log.after(0, 100)
    expect(events.map(({ position }) => position)).toEqual(events.map((_, n) => n + 1))
    expect(events.at(-1)).toMatchObject(head)

    const newest = { direction: 'forward', count: 50, cursor: null } as const
    const [conversation] = (await tenant.conversations.ofUser('filler-0', newest)).items
    if (conversation === undefined) throw new Error('The user has no conversation.')
    const page = await tenant.log.conversationPage(conversation.id, 'filler-0', start, 100)
    expect(page.events.map(({ kind }) => kind)).toEqual(['ConversationCreated', ...Array(EACH).fill('MessageSent')])
    const messages = page.events.flatMap(event => event.made?.()?.message ?? [])
    expect(messages.map(({ seq }) => seq)).toEqual([2, 3, 4])
    expect(messages.at(-1)?.id).toBe(conversation.lastMessageId)

    const sent = await say(tenant, conversation.id, 'filler-0')
    expect(sent).toMatchObject({ seq: conversation.lastSeq + 1, position: head.position + 1 })
  } finally {
    await database.close()
    await close()
  }
})
