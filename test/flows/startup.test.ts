import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { expect, onTestFinished, test } from 'vitest'
import { emptyDirectory, run, serve, stopped } from '../cli/command.ts'
import { administer, pgliteDirectory, postgresDatabase } from '../support/database.ts'

const SECRET = 'a secret of more than thirty-two bytes'

/** What a server says that cannot start: its lines on stderr, and nothing else anywhere. */
async function refusal(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const command = run(['serve'], { env: { PORT: '0', ...env } })
  expect({ status: await command.ended, stdout: command.stdout }).toEqual({ status: 1, stdout: '' })
  expect(command.stderr).toMatch(/\n$/)
  expect(command.stderr).not.toMatch(/^\s+at |node:internal|Error:/m)
  return command.stderr.trimEnd().split('\n')
}

/** A data directory that goes with the test. */
async function directory(): Promise<string> {
  const { path, close } = await pgliteDirectory()
  onTestFinished(close)
  return path
}

/** The address of a database that goes with the test. */
async function database(): Promise<URL> {
  const { url, close } = await postgresDatabase()
  onTestFinished(close)
  return new URL(url)
}

test.each<[string, Record<string, string>, readonly RegExp[]]>([
  ['two wrong variables', { PORT: 'http', LOG_LEVEL: 'loud' }, [/^ {2}PORT: must be /, /^ {2}LOG_LEVEL: must be /]],
  ['a short secret', { JWT_SECRET: 'short' }, [/^ {2}JWT_SECRET: must have at least 32 bytes$/]],
  [
    'production without a key',
    { NODE_ENV: 'production' },
    [/^ {2}JWT_SECRET, JWT_PUBLIC_KEY, JWKS_URL: .* production$/],
  ],
  ['a Redis that is none', { REDIS_URL: 'http://u:hidden@127.0.0.1' }, [/^ {2}REDIS_URL: /]],
])('%s: a line for each problem, and nothing is made', async (_, env, problems) => {
  const DATA_DIR = join(emptyDirectory(), 'data')
  const [title, ...lines] = await refusal({ DATA_DIR, ...env })
  expect(title).toBe('The configuration cannot be used:')
  expect(lines).toEqual(problems.map(problem => expect.stringMatching(problem)))
  expect(lines.join()).not.toContain('hidden')
  expect(existsSync(DATA_DIR)).toBe(false)
})

test('a port that is taken: one line, and the next start works', async () => {
  const blocker = createServer().listen(0, '127.0.0.1')
  const port = await new Promise<number>(resolve => {
    blocker.once('listening', () => {
      const address = blocker.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  const DATA_DIR = await directory()
  const env = { DATA_DIR, PORT: String(port) }
  expect(await refusal(env)).toEqual([expect.stringMatching(`^Port ${port} on 127.0.0.1 is taken: .*PORT`)])
  await new Promise(resolve => blocker.close(resolve))
  await stopped(await serve(env))
})

test('a data directory in use: one line that names it, and whoever uses it is not disturbed', async () => {
  const DATA_DIR = await directory()
  const first = await serve({ DATA_DIR })
  expect(await refusal({ DATA_DIR })).toEqual([expect.stringMatching(`^The data directory ${DATA_DIR} is in use by`)])
  expect((await fetch(new URL('/readyz', first.url))).status).toBe(200)
  await stopped(first)
  await stopped(await serve({ DATA_DIR }))
})

test('a data directory that is none: one line that names the variable', async () => {
  const DATA_DIR = join(emptyDirectory(), 'file')
  await writeFile(DATA_DIR, 'not a directory')
  expect(await refusal({ DATA_DIR })).toEqual([expect.stringMatching(`^DATA_DIR: ${DATA_DIR} cannot be used: `)])
  expect(await refusal({ DATA_DIR, JWT_SECRET: SECRET })).toEqual([
    expect.stringMatching(/^DATA_DIR: .* cannot be used: /),
  ])
  expect(await readFile(DATA_DIR, 'utf8')).toBe('not a directory')
})

test.each([
  ['one address', '127.0.0.1'],
  ['a name, which may have several', 'localhost'],
])('a database that cannot be reached by %s: one line without its password', async (_, host) => {
  const DATABASE_URL = `postgres://someone:hidden@${host}:1/there`
  const lines = await refusal({ DATABASE_URL, JWT_SECRET: SECRET })
  expect(lines).toEqual([expect.stringMatching(/^Cannot use the database of DATABASE_URL: .*ECONNREFUSED/)])
  expect(lines.join()).not.toContain('hidden')
})

test('a database that is not there: one line that names it', async () => {
  const url = await database()
  url.pathname = '/no_such_database'
  const lines = await refusal({ DATABASE_URL: url.href, JWT_SECRET: SECRET })
  expect(lines).toEqual([expect.stringMatching(/^Cannot use the database of DATABASE_URL: .*no_such_database/)])
})

test('a wrong password: one line without it, and the next start with the right one works', async () => {
  const url = await database()
  const [name, role] = [url.pathname.slice(1), url.pathname.slice(1)]
  await administer(`CREATE ROLE ${role} LOGIN PASSWORD 'right'`)
  await administer(`ALTER DATABASE ${name} OWNER TO ${role}`)
  onTestFinished(async () => {
    await administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    await administer(`DROP ROLE ${role}`)
  })
  await askForPassword(name)
  const as = (password: string) => Object.assign(new URL(url), { username: role, password }).href
  const lines = await refusal({ DATABASE_URL: as('hidden'), JWT_SECRET: SECRET })
  expect(lines).toEqual([expect.stringMatching(/^Cannot use the database of DATABASE_URL: password authentication/)])
  expect(lines.join()).not.toContain('hidden')
  await stopped(await serve({ DATABASE_URL: as('right'), JWT_SECRET: SECRET }))
})

/** The run's Postgres trusts everybody; from now on not for this database. */
async function askForPassword(name: string): Promise<void> {
  const [row] = await administer('SHOW hba_file')
  const file = String(row?.['hba_file'])
  await writeFile(file, `host ${name} all 127.0.0.1/32 scram-sha-256\n${await readFile(file, 'utf8')}`)
  await administer('SELECT pg_reload_conf()')
}

const FUTURE = `
  CREATE TABLE IF NOT EXISTS migration (id integer PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL DEFAULT now());
  INSERT INTO migration (id, name) VALUES (999, 'of-the-future')`
const BACK = 'DELETE FROM migration WHERE id = 999'
const NEWER = expect.stringMatching(/^The database is at migration 999 \(of-the-future\), .*: run a newer release\.$/)

test('a schema of a newer release, on Postgres: one line, nothing is touched, and the next start works', async () => {
  const { href } = await database()
  const env = { DATABASE_URL: href, JWT_SECRET: SECRET }
  await administer(FUTURE, href)
  expect(await refusal(env)).toEqual([NEWER])
  const tables = `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`
  expect(await administer(tables, href)).toEqual([{ relname: 'migration' }])
  await administer(BACK, href)
  await stopped(await serve(env))
})

test('a schema of a newer release, embedded: one line, and the next start works', async () => {
  const DATA_DIR = await directory()
  await within(DATA_DIR, FUTURE)
  expect(await refusal({ DATA_DIR })).toEqual([NEWER])
  await within(DATA_DIR, BACK)
  await stopped(await serve({ DATA_DIR }))
})

/** Changes an embedded database that no server runs on. */
async function within(dataDir: string, sql: string): Promise<void> {
  const cluster = await PGlite.create(join(dataDir, 'postgres'))
  await cluster.exec(sql)
  await cluster.close()
}

test('killed while it makes its first database it leaves nothing that the next start trips over', async () => {
  const DATA_DIR = emptyDirectory()
  const killed = run(['serve'], { env: { PORT: '0', DATA_DIR } })
  await expect.poll(() => existsSync(join(DATA_DIR, 'postgres.new')), { timeout: 20_000 }).toBe(true)
  killed.signal('SIGKILL')
  expect(await killed.ended).toBe('SIGKILL')
  expect(existsSync(join(DATA_DIR, 'postgres'))).toBe(false)
  await stopped(await serve({ DATA_DIR }))
  expect((await readdir(DATA_DIR)).sort()).toEqual(['development-secret', 'lock', 'postgres'])
})
