import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Database, type Statement, StatementError, UnavailableError } from '../../src/store/database/database.ts'
import type { Migration } from '../../src/store/database/migrate.ts'
import type { OpenDatabase, OpenDatabases } from '../support/database.ts'

const notes: Migration = {
  id: 1,
  name: 'notes',
  sql: `
    CREATE TABLE counter (id text PRIMARY KEY, value bigint NOT NULL);
    CREATE TABLE pair (id text PRIMARY KEY, other text REFERENCES pair DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE secret (tenant_id text NOT NULL, words text NOT NULL);
    ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
    ALTER TABLE secret FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON secret USING (tenant_id = current_setting('colloquy.tenant_id', true));`,
}

/** A statement whose name follows from its text, as the port wants it. */
export function sql(text: string, ...values: readonly unknown[]): Statement {
  return { name: text.replaceAll(/\W+/g, '_').slice(0, 40) + text.length, text, values }
}

const insert = (id: string, value = 0n) => sql('INSERT INTO counter (id, value) VALUES ($1, $2)', id, value)
const select = (id: string) => sql('SELECT value FROM counter WHERE id = $1', id)
const add = (id: string) => sql('UPDATE counter SET value = value + 1 WHERE id = $1 RETURNING value', id)
const divide = sql('SELECT 1 / 0 AS never')

/** What every driver of the port promises. */
export function databaseContract(open: OpenDatabases): void {
  let opened: OpenDatabase
  let database: Database
  beforeAll(async () => {
    opened = await open([notes])
    database = opened.database
  })
  afterAll(() => opened.close())

  it('gives every column type its one JavaScript type', async () => {
    const text = `SELECT 9007199254740993::bigint AS big, 7::int AS int, timestamptz '2024-02-29 12:00:00.123+02' AS at,
      '{"a": [1]}'::json AS json, '[null]'::jsonb AS jsonb, ARRAY['a', NULL, 'b"\\'] AS texts, ARRAY[1, 2] AS ints,
      ARRAY[1::bigint] AS bigs, ARRAY[]::text[] AS none, '0190a6e0-0000-7000-8000-000000000000'::uuid AS uuid,
      true AS flag, '\\x00ff'::bytea AS bytes, NULL::int AS nothing, 'ü😀' AS text`
    const [rows] = await database.read([sql(text)])
    expect(rows).toStrictEqual([
      {
        big: 9007199254740993n,
        int: 7,
        at: new Date('2024-02-29T10:00:00.123Z'),
        json: { a: [1] },
        jsonb: [null],
        texts: ['a', null, 'b"\\'],
        ints: [1, 2],
        bigs: [1n],
        none: [],
        uuid: '0190a6e0-0000-7000-8000-000000000000',
        flag: true,
        bytes: new Uint8Array([0, 255]),
        nothing: null,
        text: 'ü😀',
      },
    ])
  })

  it('takes every kind of parameter', async () => {
    const text = `SELECT $1::bigint AS big, $2::int AS int, $3::timestamptz AS at, $4::json AS json, $5::text[] AS texts,
      $6::boolean AS flag, $7::bytea AS bytes, $8::text AS nothing, $9::text AS text, $10::uuid[] AS none, $11::bytea[] AS list`
    const at = new Date('2024-02-29T10:00:00.123Z')
    const bytes = new Uint8Array([0, 255])
    const texts = ['', 'NULL', '{}', 'a,b', 'c"d\\e', null]
    const values = [-(2n ** 63n), -7, at, { a: 'ü' }, texts, false, bytes, undefined, '😀', [], [bytes]]
    const [rows] = await database.read([sql(text, ...values)])
    const given = { big: -(2n ** 63n), int: -7, at, json: { a: 'ü' }, texts, flag: false, bytes, text: '😀', none: [] }
    expect(rows).toMatchObject([{ ...given, nothing: null }])
  })

  it('answers each statement of a transaction with its own rows', async () => {
    const answers = await database.commit([insert('each'), add('each'), select('each'), select('nobody')])
    expect(answers).toEqual([[], [{ value: 1n }], [{ value: 1n }], []])
  })

  it('runs the transactions of a pipeline in their order, whatever becomes of the one ahead', async () => {
    await database.commit([insert('piped')])
    const pipeline = {}
    const tenfold = sql('UPDATE counter SET value = value * 10 WHERE id = $1 RETURNING value', 'piped')
    const transactions = [[add('piped')], [add('piped'), divide], [tenfold], [sql('SELECT nonsense')], [add('piped')]]
    const answers = await Promise.allSettled(transactions.map(statements => database.commit(statements, pipeline)))
    expect(answers).toMatchObject([
      { value: [[{ value: 1n }]] },
      { reason: { sqlState: '22012' } },
      { value: [[{ value: 10n }]] },
      { reason: { sqlState: '42703' } },
      { value: [[{ value: 11n }]] },
    ])
    expect(await database.commit([add('piped')], pipeline)).toEqual([[{ value: 12n }]])
  })

  it('runs a transaction after those of its pipeline that are still under way when another one has failed', async () => {
    await database.commit([insert('still')])
    const pipeline = {}
    const failing = database.commit([divide], pipeline)
    const slow = database.commit([sql('SELECT pg_sleep($1)', 0.1), add('still')], pipeline)
    await expect(failing).rejects.toThrow(StatementError)
    expect(await database.commit([add('still')], pipeline)).toEqual([[{ value: 2n }]])
    await slow
  })

  it('runs a transaction of statements that the one ahead was refused before', async () => {
    const pipeline = {}
    const fresh = sql("SELECT 'fresh' AS fresh")
    const answers = await Promise.allSettled([
      database.commit([divide, fresh], pipeline),
      database.commit([fresh], pipeline),
    ])
    expect(answers).toMatchObject([{ reason: { sqlState: '22012' } }, { value: [[{ fresh: 'fresh' }]] }])
  })

  it('commits an empty transaction', async () => {
    expect(await database.commit([])).toEqual([])
  })

  it('keeps nothing of a transaction of which one statement failed', async () => {
    const refused = database.commit([insert('rolled back'), divide, insert('after')])
    await expect(refused).rejects.toSatisfy(is(StatementError, '22012'))
    const [first, second] = await database.read([select('rolled back'), select('after')])
    expect([first, second]).toEqual([[], []])
  })

  it('keeps nothing of a transaction that fails at its commit', async () => {
    const orphan = sql('INSERT INTO pair (id, other) VALUES ($1, $2)', 'orphan', 'nobody')
    await expect(database.commit([orphan])).rejects.toSatisfy(is(StatementError, '23503'))
    expect(await database.read([sql('SELECT * FROM pair')])).toEqual([[]])
  })

  it('runs the same statements again after one of them failed', async () => {
    await database.commit([insert('again')])
    await expect(database.commit([add('again'), insert('again'), divide])).rejects.toSatisfy(
      is(StatementError, '23505'),
    )
    await expect(database.commit([sql('SELECT nonsense')])).rejects.toSatisfy(is(StatementError, '42703'))
    await expect(database.commit([sql('SELECT nonsense')])).rejects.toSatisfy(is(StatementError, '42703'))
    expect(await database.commit([add('again')])).toEqual([[{ value: 1n }]])
  })

  it('refuses a NUL in a text as a fault of the statement', async () => {
    await expect(database.commit([insert('a\0b')])).rejects.toSatisfy(is(StatementError, '22021'))
  })

  it('sends nothing of a transaction with a value that cannot be encoded, or with two texts under one name', async () => {
    await expect(database.commit([insert('half'), sql('SELECT $1::json', { a: 1n })])).rejects.toThrow(TypeError)
    const twice = [insert('half'), { ...divide, text: 'SELECT 2', name: insert('half').name }]
    await expect(database.commit(twice)).rejects.toThrow(TypeError)
    expect(await database.read([select('half')])).toEqual([[]])
  })

  it('reads one snapshot whatever is committed meanwhile', async () => {
    await database.commit([insert('moving')])
    let writing = true
    const writer = (async () => {
      while (writing) await database.commit([add('moving')])
    })()
    for (let round = 0; round < 20; round++) {
      const [before, , after] = await database.read([select('moving'), sql('SELECT pg_sleep(0.002)'), select('moving')])
      expect(after).toEqual(before)
    }
    writing = false
    await writer
    const [rows] = await database.read([select('moving')])
    expect(rows?.[0]?.['value']).toBeGreaterThan(0n)
  })

  it('plans a statement once, for whatever values it comes with', async () => {
    const few = (...ids: readonly string[]) => sql('SELECT value FROM counter WHERE id = ANY($1::text[])', ids)
    const plans = sql(
      'SELECT generic_plans::int, custom_plans::int FROM pg_prepared_statements WHERE name = $1',
      few().name,
    )
    const [, [first] = [], , , , [last] = []] = await database.read([
      few('a'),
      plans,
      few('b', 'c'),
      few(),
      few('d'),
      plans,
    ])
    const generic = Number(first?.['generic_plans'])
    expect(generic).toBeGreaterThan(0)
    expect([first, last]).toEqual([
      { generic_plans: generic, custom_plans: 0 },
      { generic_plans: generic + 3, custom_plans: 0 },
    ])
  })

  it('refuses to write in a read', async () => {
    await expect(database.read([insert('read')])).rejects.toSatisfy(is(StatementError, '25006'))
  })

  it('loses none of the commits that meet on one row', async () => {
    await database.commit([insert('met')])
    const answers = await Promise.all(Array.from({ length: 40 }, () => database.commit([add('met')])))
    const values = answers.map(([rows]) => Number(rows?.[0]?.['value'])).sort((a, b) => a - b)
    expect(values).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  })

  it('is bound by row-level security', async () => {
    const as = (tenant: string) => sql(`SELECT set_config('colloquy.tenant_id', $1, true)`, tenant)
    const write = sql('INSERT INTO secret (tenant_id, words) VALUES ($1, $2)', 'acme', 'of acme')
    const read = sql('SELECT words FROM secret')
    await database.commit([as('acme'), write])
    expect((await database.read([as('acme'), read]))[1]).toEqual([{ words: 'of acme' }])
    expect((await database.read([as('other'), read]))[1]).toEqual([])
    expect(await database.read([read])).toEqual([[]])
    await expect(database.commit([as('other'), write])).rejects.toSatisfy(is(StatementError, '42501'))
  })

  it('migrates again without a change, and answers a ping', async () => {
    await database.migrate()
    await database.ping()
  })

  it('takes results and parameters of megabytes', async () => {
    const long = 'ü'.repeat(1_000_000)
    const [rows] = await database.read([sql('SELECT $1::text AS long', long)])
    expect(rows?.[0]?.['long'] === long).toBe(true)
  })

  it('finishes what is under way when it closes, and is unavailable after that', async () => {
    const { database: closing, close } = await open([notes])
    const underWay = closing.commit([insert('last')])
    await Promise.all([underWay, closing.close()])
    for (const late of [closing.commit([add('last')]), closing.read([select('last')]), closing.ping()]) {
      await expect(late).rejects.toSatisfy(is(UnavailableError))
    }
    await closing.close()
    await close()
  })
}

/** Whether an error is of the class, and of the SQLSTATE where one is given. */
export function is(kind: typeof StatementError | typeof UnavailableError, sqlState?: string) {
  return (error: unknown) =>
    error instanceof kind &&
    (sqlState === undefined || (error instanceof StatementError && error.sqlState === sqlState))
}
