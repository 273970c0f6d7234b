import { expect, it, onTestFinished } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import { command } from '../../../src/store/command.ts'
import { deleteMessage } from '../../../src/store/commands/change-message.ts'
import { createStore } from '../../../src/store/create-store.ts'
import { createPostgres } from '../../../src/store/database/postgres.ts'
import { eventsBesidesSent } from '../../../src/store/migrations/0006-events-besides-sent.ts'
import { migrations } from '../../../src/store/migrations/index.ts'
import type { TenantStore } from '../../../src/store/store.ts'
import { postgresDatabase, silent } from '../../support/database.ts'
import { releaseBefore } from '../../support/release-before.ts'
import { conversationOf, enrol, say } from '../../support/tenant-fixture.ts'

const EARLIER = migrations.filter(({ id }) => id < eventsBesidesSent.id)

it('what was written before is read as before, also by a node of the release before', async () => {
  const { url, close } = await postgresDatabase()
  onTestFinished(close)
  async function opened(known = migrations) {
    const database = createPostgres({ url, logger: silent, migrations: known })
    onTestFinished(() => database.close())
    await database.migrate()
    return database
  }

  const before = createStore(releaseBefore(await opened(EARLIER))).tenant(newId())
  await enrol(before, 'alice', 'bob')
  const room = await conversationOf(before, ['alice', 'bob'])
  const message = await say(before, room, 'alice')
  await before.log.submit(command(deleteMessage, { messageId: message.id, actorId: 'alice' }))
  await say(before, room, 'bob')
  const { events } = await before.log.after(0, 100)
  const pagesOf = ({ log }: TenantStore) =>
    Promise.all(
      events.map(async ({ position, mark }) => {
        const page = await log.conversationPage(room, 'bob', { position, mark }, 2)
        return page.events.map(({ made: _, ...event }) => event)
      }),
    )
  const pages = await pagesOf(before)
  expect(pages.map(page => page.map(({ position }) => position))).toEqual([[2, 3], [3, 4], [4], []])
  const now = createStore(await opened()).tenant(before.id)
  expect(await pagesOf(now)).toEqual(pages)
  expect(await pagesOf(before)).toEqual(pages)
})
