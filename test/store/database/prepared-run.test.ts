import { Client, type ClientConfig } from 'pg'
import { expect, inject, onTestFinished, test, vi } from 'vitest'
import { type PreparedStatement, runPrepared } from '../../../src/store/database/prepared-run.ts'

const twice = { name: 'twice', text: 'SELECT 2 * $1::int AS double, generate_series(1, 2) AS nth' }
const divide = { name: 'divide', text: 'SELECT 1 / $1::int AS part' }

async function session(options: ClientConfig = {}) {
  const client = new Client({ connectionString: inject('postgresUrl'), pipeline: true, ...options })
  await client.connect()
  onTestFinished(() => client.end())
  for (const { name, text } of [twice, divide]) await client.query({ name, text, values: ['1'] })
  return client
}

const asked = ({ name }: { readonly name: string }, value: string): PreparedStatement => ({
  name,
  values: [value],
  readRow: texts => ({ texts }),
})

test('gives each statement the rows that are its own', async () => {
  const client = await session()
  const rows = await runPrepared(client, [asked(twice, '1'), asked(divide, '1'), asked(twice, '2')])
  expect(rows).toEqual([
    [{ texts: ['2', '1'] }, { texts: ['2', '2'] }],
    [{ texts: ['1'] }],
    [{ texts: ['4', '1'] }, { texts: ['4', '2'] }],
  ])
})

test('runs that follow one another without a wait are told apart, those that fail included', async () => {
  const client = await session()
  const runs = ['1', '0', '1'].map(by => runPrepared(client, [asked(divide, by), asked(twice, by)]))
  const settled = await Promise.allSettled(runs)
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(settled[1]).toMatchObject({ reason: { code: '22012' } })
})

test('a row that cannot be read fails its run alone', async () => {
  const client = await session()
  const unreadable: PreparedStatement = {
    ...asked(twice, '1'),
    readRow() {
      throw new RangeError('no number')
    },
  }
  await expect(runPrepared(client, [unreadable, asked(divide, '1')])).rejects.toThrow('no number')
  expect(await runPrepared(client, [asked(divide, '1')])).toEqual([[{ texts: ['1'] }]])
})

test('a timeout for queries, which the connection string may set, ends with each run', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const client = await session({ query_timeout: 60_000 })
  await runPrepared(client, [asked(divide, '1')])
  await expect(runPrepared(client, [asked(divide, '0')])).rejects.toMatchObject({ code: '22012' })
  expect(vi.getTimerCount()).toBe(0)
})
