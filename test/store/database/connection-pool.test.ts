import { expect, onTestFinished, test, vi } from 'vitest'
import { createConnectionPool } from '../../../src/store/database/connection-pool.ts'
import { UnavailableError } from '../../../src/store/database/database.ts'
import { createPostgres } from '../../../src/store/database/postgres.ts'
import { postgresDatabase, silent } from '../../support/database.ts'
import { createManualClock } from '../../support/manual-clock.ts'

async function migrated(): Promise<string> {
  const { url, close } = await postgresDatabase()
  onTestFinished(close)
  const database = createPostgres({ url, logger: silent })
  await database.migrate()
  await database.close()
  return url
}

function opened(url: string) {
  const clock = createManualClock()
  const pool = createConnectionPool({ url, size: 1, for: 'writing', clock, logger: silent })
  onTestFinished(() => pool.close())
  const told: string[] = []
  /** Uses a connection until the returned function is called. */
  const use = (name: string) => {
    const held = Promise.withResolvers<void>()
    const used = pool.use(async () => {
      told.push(`${name} is served`)
      await held.promise
    })
    used.catch(error => told.push(`${name} is ${error instanceof UnavailableError ? 'refused' : String(error)}`))
    return held.resolve
  }
  const says = (...expected: readonly string[]) => vi.waitFor(() => expect(told).toEqual(expected), 5_000)
  return { clock, use, says }
}

test('whoever waits longer than a connection may take to be made is served all the same, while the others are', async () => {
  const { clock, use, says } = opened(await migrated())
  const ends = ['ann', 'bob', 'cid'].map(use)
  await says('ann is served')
  clock.advance(4_900)
  ends[0]?.()
  await says('ann is served', 'bob is served')
  clock.advance(4_900)
  ends[1]?.()
  await says('ann is served', 'bob is served', 'cid is served')
  ends[2]?.()
})

test('whoever waits is refused when nobody is served', async () => {
  const { clock, use, says } = opened(await migrated())
  const end = use('ann')
  await says('ann is served')
  use('bob')
  clock.advance(5_500)
  await says('ann is served', 'bob is refused')
  end()
})
