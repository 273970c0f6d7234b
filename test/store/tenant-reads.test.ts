import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Row, type Statement, StatementError, UnavailableError } from '../../src/store/database/database.ts'
import { createTenantReads } from '../../src/store/tenant-reads.ts'
import { describeDatabases, type OpenDatabase } from '../support/database.ts'

const echo = (value: number): Statement => ({ name: 'echo', text: 'SELECT $1::int AS value', values: [value] })
const WHOSE: Statement = { name: 'whose', text: `SELECT current_setting('colloquy.tenant_id') AS value`, values: [] }
const REFUSED: Statement = { name: 'refused', text: 'SELECT 1 / $1::int AS value', values: [0] }
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

describeDatabases('reads of a tenant', open => {
  let opened: OpenDatabase
  beforeAll(async () => {
    opened = await open()
  })
  afterAll(() => opened.close())

  /** The reads, and how many statements each transaction had beside the naming of the tenant. */
  function recorded(tenantId = 'acme') {
    const transactions: number[] = []
    const read = (statements: readonly Statement[]) => {
      transactions.push(statements.length - 1)
      return opened.database.read(statements)
    }
    return { ...createTenantReads({ read }, tenantId), transactions }
  }

  test('that come in one turn share a transaction, and each gets its own rows', async () => {
    const { grouped, transactions } = recorded()
    const answers = await Promise.all([grouped(echo(1), echo(2)), grouped(WHOSE), grouped(echo(3))])
    expect(answers).toEqual([[[{ value: 1 }], [{ value: 2 }]], [[{ value: 'acme' }]], [[{ value: 3 }]]])
    expect(transactions).toEqual([4])
  })

  test('are spread over several transactions when there are many', async () => {
    const { grouped, transactions } = recorded()
    const answers = await Promise.all(upTo(20).map(n => grouped(echo(n))))
    expect(answers).toEqual(upTo(20).map(value => [[{ value }]]))
    expect(transactions).toEqual([8, 8, 4])
  })

  test('go alone where they may take long', async () => {
    const { grouped, alone, transactions } = recorded()
    await Promise.all([grouped(echo(1)), alone(echo(2)), grouped(echo(3))])
    expect(transactions).toEqual([1, 2])
  })

  test('do not fail by one that the database refuses', async () => {
    const { grouped } = recorded()
    const answers = await Promise.allSettled([grouped(echo(1)), grouped(REFUSED), grouped(WHOSE)])
    expect(answers).toMatchObject([
      { value: [[{ value: 1 }]] },
      { reason: expect.any(StatementError) },
      { value: [[{ value: 'acme' }]] },
    ])
  })

  test('of two tenants never share one', async () => {
    const [acme, globex] = [recorded('acme'), recorded('globex')]
    expect(await Promise.all([acme.grouped(WHOSE), globex.grouped(WHOSE)])).toEqual([
      [[{ value: 'acme' }]],
      [[{ value: 'globex' }]],
    ])
  })
})

describe('reads that shared a transaction which came to nothing', () => {
  function failing(error: Error) {
    const asked: number[] = []
    const read = async (statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> => {
      asked.push(statements.length - 1)
      if (statements.length > 2) throw error
      return statements.map(() => [])
    }
    return { ...createTenantReads({ read }, 'acme'), asked }
  }

  test('are each asked for again when one of them took too long', async () => {
    const { grouped, asked } = failing(new UnavailableError('statement timeout', { undone: true }))
    expect(await Promise.all([grouped(WHOSE), grouped(WHOSE)])).toEqual([[[]], [[]]])
    expect(asked).toEqual([2, 1, 1])
  })

  test('are all refused when the database is away', async () => {
    const away = new UnavailableError('the connection was lost')
    const { grouped, asked } = failing(away)
    expect(await Promise.allSettled([grouped(WHOSE), grouped(WHOSE)])).toMatchObject([
      { reason: away },
      { reason: away },
    ])
    expect(asked).toEqual([2])
  })
})
