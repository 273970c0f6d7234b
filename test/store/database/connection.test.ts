import { setFlagsFromString } from 'node:v8'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createRedisConnection } from '../../../src/bus/redis/connection.ts'
import { systemClock } from '../../../src/domain/clock.ts'
import { createConnectionPool } from '../../../src/store/database/connection-pool.ts'
import { createPostgres } from '../../../src/store/database/postgres.ts'
import { postgresDatabase, silent } from '../../support/database.ts'
import { sharedRedis } from '../../support/redis.ts'

setFlagsFromString('--allow-natives-syntax')
/** Whether V8 has one hidden class for both. */
const haveSameShape = new Function('one', 'other', 'return %HaveSameMap(one, other)')

test('connections to Postgres and to Redis are objects of one shape', async () => {
  const { url, close } = await postgresDatabase()
  onTestFinished(close)
  const database = createPostgres({ url, logger: silent })
  onTestFinished(() => database.close())
  await database.migrate()
  const pool = createConnectionPool({ url, size: 1, for: 'writing', clock: systemClock, logger: silent })
  onTestFinished(() => pool.close())
  const redis = createRedisConnection({ urls: [sharedRedis()], clock: systemClock, logger: silent })
  onTestFinished(() => redis.close())
  await vi.waitUntil(() => redis.connected, 5_000)
  await pool.use(async ({ connection }) => {
    expect('stream' in redis.client && haveSameShape(connection.stream, redis.client.stream)).toBe(true)
  })
})
