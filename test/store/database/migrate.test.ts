import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { newId } from '../../../src/domain/ids.ts'
import { createStore } from '../../../src/store/create-store.ts'
import { StatementError } from '../../../src/store/database/database.ts'
import { type Migration, SchemaTooNewError } from '../../../src/store/database/migrate.ts'
import { createPostgres } from '../../../src/store/database/postgres.ts'
import { initial } from '../../../src/store/migrations/0001-initial.ts'
import { heads } from '../../../src/store/migrations/0002-heads.ts'
import { revocations } from '../../../src/store/migrations/0003-revocations.ts'
import { revocationMarks } from '../../../src/store/migrations/0004-revocation-marks.ts'
import { is, sql } from '../../contracts/database.ts'
import {
  administer,
  describeDatabases,
  type OpenDatabase,
  postgresDatabase,
  silent,
  type TestDatabase,
} from '../../support/database.ts'
import { startEmbeddedPostgres } from '../../support/embedded-postgres.ts'
import { say } from '../../support/tenant-fixture.ts'

const first: Migration = {
  id: 1,
  name: 'first',
  sql: 'CREATE TABLE one (id int PRIMARY KEY); INSERT INTO one VALUES (1)',
}
const second: Migration = { id: 2, name: 'second', sql: 'CREATE TABLE two (id int)' }
const broken: Migration = { id: 2, name: 'broken', sql: 'CREATE TABLE two (id int); SELECT 1 / 0' }

describeDatabases('Migrations', open => {
  const opened: OpenDatabase[] = []
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(each => each.close()))
  })

  it('run once each, in order', async () => {
    const database = await open([first, second])
    opened.push(database)
    await database.database.migrate()
    expect(await database.database.read([sql('SELECT * FROM one'), sql('SELECT * FROM two')])).toEqual([
      [{ id: 1 }],
      [],
    ])
  })

  it('leave nothing of the one that fails, and keep those before it', async () => {
    await expect(open([first, broken])).rejects.toSatisfy(is(StatementError, '22012'))
  })

  it('keep the record of themselves from the application', async () => {
    const database = await open([first])
    opened.push(database)
    await expect(database.database.read([sql('SELECT * FROM migration')])).rejects.toSatisfy(
      is(StatementError, '42501'),
    )
  })
})

let test: TestDatabase
beforeEach(async () => {
  test = await postgresDatabase()
})
afterEach(() => test.close())

async function migrate(migrations: readonly Migration[], url = test.url): Promise<void> {
  const database = createPostgres({ url, logger: silent, migrations })
  await database.migrate().finally(() => database.close())
}

const applied = () => administer('SELECT id, name FROM migration ORDER BY id', test.url)

it('refuses a database of a newer release in one line', async () => {
  await migrate([first, second])
  await expect(migrate([first])).rejects.toThrow(SchemaTooNewError)
  await expect(migrate([first])).rejects.toThrow(/^[^\n]*migration 2 \(second\)[^\n]*up to 1[^\n]*$/)
  await migrate([first, second])
})

it('continues after a failed migration was mended', async () => {
  await expect(migrate([first, broken])).rejects.toSatisfy(is(StatementError))
  expect(await applied()).toEqual([{ id: 1, name: 'first' }])
  await migrate([first, second])
  expect(await applied()).toEqual([
    { id: 1, name: 'first' },
    { id: 2, name: 'second' },
  ])
})

it('applies each migration once when eight nodes start at the same time', async () => {
  await Promise.all(Array.from({ length: 8 }, () => migrate([first, second])))
  expect(await administer('SELECT * FROM one', test.url)).toEqual([{ id: 1 }])
})

it('makes the one role of a cluster from several of its databases at the same time', async () => {
  const cluster = await startEmbeddedPostgres()
  onTestFinished(cluster.close)
  const urls = ['a', 'b', 'c', 'd'].map(name => new URL(`/${name}`, cluster.url))
  for (const { pathname } of urls) await administer(`CREATE DATABASE ${pathname.slice(1)}`, cluster.url)
  await Promise.all(urls.map(({ href }) => migrate([first], href)))
  const roles = `SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = 'colloquy_app'`
  expect(await administer(roles, cluster.url)).toEqual([{ rolsuper: false, rolbypassrls: false, rolcanlogin: false }])
})

it('opens the tables to the application again when a restore has lost the grants', async () => {
  await migrate([first])
  await administer('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM colloquy_app', test.url)
  await migrate([first])
  const database = createPostgres({ url: test.url, logger: silent })
  expect(await database.read([sql('SELECT * FROM one')]).finally(() => database.close())).toEqual([[{ id: 1 }]])
})

it('gives the heads of logs that were written before the marks of their events', async () => {
  const name = new URL(test.url).pathname.slice(1)
  await administer(`CREATE ROLE owner_${name} LOGIN; ALTER DATABASE ${name} OWNER TO owner_${name}`)
  const url = new URL(test.url)
  url.username = `owner_${name}`
  await migrate([initial], url.href)
  await administer(
    `INSERT INTO tenant (tenant_id, floor_mark) VALUES ('acme', 1), ('globex', 2);
    INSERT INTO tenant_head (tenant_id, position) VALUES ('acme', 2), ('globex', 0);
    INSERT INTO event (tenant_id, position, mark, conversation_id, seq, kind, refs, at)
    SELECT 'acme', n, n * 10, gen_random_uuid(), n, 'ConversationCreated', '{}', now() FROM generate_series(1, 2) n`,
    test.url,
  )
  await migrate([initial, heads], url.href)
  expect(await administer('SELECT tenant_id, mark FROM tenant_head ORDER BY 1', test.url)).toEqual([
    { tenant_id: 'acme', mark: '20' },
    { tenant_id: 'globex', mark: '2' },
  ])
  const held = `SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity`
  expect(await administer(held, test.url)).toEqual([])
  await test.close()
  await administer(`DROP ROLE owner_${name}`)
})

it('gives the heads the marks of revocations that were made before they had any', async () => {
  const name = new URL(test.url).pathname.slice(1)
  await administer(`CREATE ROLE owner_${name} LOGIN; ALTER DATABASE ${name} OWNER TO owner_${name}`)
  const url = new URL(test.url)
  url.username = `owner_${name}`
  await migrate([initial, heads, revocations], url.href)
  await administer(
    `INSERT INTO tenant (tenant_id) VALUES ('acme'), ('globex');
    INSERT INTO tenant_head (tenant_id, mark, revocation_position) VALUES ('acme', 1, 2), ('globex', 2, 0);
    INSERT INTO revocation (tenant_id, scope, id, revocation_position, at)
    SELECT 'acme', 'token', n, n, now() FROM generate_series(1, 2) n`,
    test.url,
  )
  await migrate([initial, heads, revocations, revocationMarks], url.href)
  const marks = 'SELECT mark FROM revocation ORDER BY revocation_position'
  const [first, second] = await administer(marks, test.url)
  expect(first?.['mark']).not.toBe(second?.['mark'])
  expect(await administer('SELECT tenant_id, revocation_mark AS mark FROM tenant_head ORDER BY 1', test.url)).toEqual([
    { tenant_id: 'acme', ...second },
    { tenant_id: 'globex', mark: '0' },
  ])
  const held = `SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity`
  expect(await administer(held, test.url)).toEqual([])
  await test.close()
  await administer(`DROP ROLE owner_${name}`)
})

it('lets an owner that is no superuser go on sending for several tenants at once in a database that was in use before', async () => {
  const name = new URL(test.url).pathname.slice(1)
  await administer(`CREATE ROLE owner_${name} LOGIN; ALTER DATABASE ${name} OWNER TO owner_${name}`)
  const url = new URL(test.url)
  url.username = `owner_${name}`
  await migrate([initial, heads, revocations, revocationMarks], url.href)
  const room = newId()
  await administer(
    `INSERT INTO tenant (tenant_id) VALUES ('acme'), ('globex');
    INSERT INTO tenant_head (tenant_id, position, mark) SELECT tenant_id, 4, 1 FROM tenant;
    INSERT INTO "user" (tenant_id, user_id) SELECT tenant_id, 'alice' FROM tenant;
    INSERT INTO conversation (tenant_id, conversation_id, kind, created_by, created_at, member_count, last_seq, last_position)
    SELECT tenant_id, '${room}', 'GROUP', 'alice', now(), 1, 3, 4 FROM tenant;
    INSERT INTO member (tenant_id, conversation_id, user_id, from_position, role, joined_at, last_delivered_seq, last_read_seq)
    SELECT tenant_id, '${room}', 'alice', 1, 'OWNER', now(), 0, 0 FROM tenant`,
    test.url,
  )
  const database = createPostgres({ url: url.href, logger: silent })
  await database.migrate()
  const store = createStore({ ...database, writers: 1 })
  const said = await Promise.all(['acme', 'globex'].map(id => say(store.tenant(id), room, 'alice', `at ${id}`)))
  expect(said).toMatchObject(['acme', 'globex'].map(id => ({ content: `at ${id}`, seq: 4, position: 5 })))
  await database.close()
  await test.close()
  await administer(`DROP ROLE owner_${name}`)
})

it('holds an owner that is no superuser to row-level security, without any other role', async () => {
  const secret = `CREATE TABLE secret (tenant_id text); ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
    ALTER TABLE secret FORCE ROW LEVEL SECURITY;
    CREATE POLICY own ON secret USING (tenant_id = current_setting('colloquy.tenant_id', true))`
  const name = new URL(test.url).pathname.slice(1)
  await administer(`CREATE ROLE owner_${name} LOGIN; ALTER DATABASE ${name} OWNER TO owner_${name}`)
  const url = new URL(test.url)
  url.username = `owner_${name}`
  const database = createPostgres({ url: url.href, logger: silent, migrations: [{ ...first, sql: secret }] })
  await database.migrate()
  const as = sql(`SELECT set_config('colloquy.tenant_id', $1, true)`, 'acme')
  await database.commit([as, sql('INSERT INTO secret VALUES ($1)', 'acme')])
  const [who, rows] = await database.read([sql('SELECT current_user AS name'), sql('SELECT * FROM secret')])
  expect([who, rows]).toEqual([[{ name: `owner_${name}` }], []])
  await database.close()
  await test.close()
  await administer(`DROP ROLE owner_${name}`)
})
