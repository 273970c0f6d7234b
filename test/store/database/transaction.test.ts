import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../src/domain/clock.ts'
import { createConnectionPool } from '../../../src/store/database/connection-pool.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { createTransactions } from '../../../src/store/database/transaction.ts'
import { databaseContract, sql } from '../../contracts/database.ts'
import { openPostgres, silent } from '../../support/database.ts'

describe('A Postgres whose session knows the statements', () => {
  databaseContract(async (migrations = []) => {
    const { database, close } = await openPostgres({ migrations, writerConnections: 1, poolSize: 1 })
    return { database: { ...database, commit: known(database.commit), read: known(database.read) }, close }
  })
})

/** Each transaction was run before, but for its commit, on the same connection, or behind it where it is of a pipeline. */
function known(run: Database['commit']): Database['commit'] {
  return async (statements, pipeline) => {
    run([...statements, sql('SELECT 1 / 0 AS failing')], pipeline).catch(() => undefined)
    return run(statements, pipeline)
  }
}

/** Of three statements, the second of which is given a text of that length. */
const transaction = (length: number) => [
  { name: 'one', text: 'SELECT 1 AS one', values: [] },
  { name: 'long', text: 'SELECT length($1) AS long', values: ['x'.repeat(length)] },
  { name: 'three', text: 'SELECT 3 AS three', values: [] },
]

test.each([
  ['that its session knows is answered once', 11_000, 1],
  ['that may arrive in parts is answered after each statement, its begin and its commit', 12_000, 5],
])('a transaction %s', async (_, length, expected) => {
  const { url, close } = await openPostgres()
  onTestFinished(close)
  const pool = createConnectionPool({ url, size: 1, for: 'writing', clock: systemClock, logger: silent })
  onTestFinished(() => pool.close())
  const transact = createTransactions()
  const answered = await pool.use(async client => {
    await transact(client, transaction(0))
    let answers = 0
    client.connection.on('readyForQuery', () => answers++)
    expect(await transact(client, transaction(length))).toEqual([[{ one: 1 }], [{ long: length }], [{ three: 3 }]])
    return answers
  })
  expect(answered).toBe(expected)
})
