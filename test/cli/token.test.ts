import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeJwt, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { emptyDirectory, run } from './command.ts'

const SECRET = 'a secret of more than thirty-two bytes'
const WHO = ['--tenant', 'acme', '--user', 'alice']

/** Runs `token` to its end. */
async function token(args: readonly string[], env: Readonly<Record<string, string>> = { JWT_SECRET: SECRET }) {
  const command = run(['token', ...args], { env })
  return { status: await command.ended, stdout: command.stdout, stderr: command.stderr }
}

test('it prints one token and nothing else', async () => {
  const more = ['--name', 'Alice A.', '--role', 'admin', '--role', 'support', '--ttl', '90s']
  const { status, stdout, stderr } = await token([...WHO, ...more])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  const claims = decodeJwt(stdout.trim())
  expect(claims).toMatchObject({ sub: 'alice', org_id: 'acme', name: 'Alice A.', roles: ['admin', 'support'] })
  expect(Number(claims.exp) - Number(claims.iat)).toBe(90)
})

test('it says what the configuration asks of a token, for an hour unless said', async () => {
  const rules = { JWT_SECRET: SECRET, JWT_ISSUER: 'us', JWT_AUDIENCE: 'chat', JWT_TENANT_CLAIM: 'tid' }
  const claims = decodeJwt((await token(WHO, rules)).stdout.trim())
  expect(claims).toMatchObject({ iss: 'us', aud: 'chat', tid: 'acme' })
  expect(Number(claims.exp) - Number(claims.iat)).toBe(3600)
})

test('without a secret it makes one, and keeps to it', async () => {
  const directory = emptyDirectory()
  const printed = [await token(WHO, { DATA_DIR: directory }), await token(WHO, { DATA_DIR: directory })]
  const secret = readFileSync(join(directory, 'development-secret'))
  for (const { stdout } of printed) {
    expect((await jwtVerify(stdout.trim(), secret)).payload.sub).toBe('alice')
  }
})

test.each([
  ['without a user', ['--tenant', 'acme'], /^A token needs --tenant and --user\.$/m],
  ['without a tenant', ['--user', 'alice'], /^A token needs --tenant and --user\.$/m],
  ['with an option that is none', [...WHO, '--admin'], /^Unknown option '--admin'/m],
  ['with a word too many', [...WHO, 'now'], /^Unexpected argument 'now'/m],
  ['with a time that is none', [...WHO, '--ttl', 'soon'], /^--ttl takes a number and a unit: 90s, 30m, 1h, 7d\.\n$/],
  ['with no time at all', [...WHO, '--ttl', '0s'], /^--ttl takes a number and a unit: 90s, 30m, 1h, 7d\.\n$/],
  ['for longer than the server takes it', [...WHO, '--ttl', '31d'], /^[^\n]+--ttl is at most 2592000 s[^\n]+\n$/],
  [
    'for a name that the server refuses',
    ['--tenant', 'acme', '--user', 'a\nb'],
    /^[^\n]+--user are each a line[^\n]+\n$/,
  ],
])('%s it says so and prints no token', async (_, args, message) => {
  const { status, stdout, stderr } = await token(args)
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toMatch(message)
  expect(stderr).not.toMatch(/^\s+at /m)
})

test('where tokens are verified by a public key it says that it cannot make any', async () => {
  const { status, stderr } = await token(WHO, { JWKS_URL: 'https://identity.example/keys' })
  expect({ status, lines: stderr.split('\n').length }).toEqual({ status: 1, lines: 2 })
  expect(stderr).toContain('only with a secret')
})

test.each([[[]], [['sevre']], [['serve', 'now']]])(
  'what is no command is answered with those that are: %j',
  async args => {
    const command = run(args)
    expect(await command.ended).toBe(1)
    expect(command.stderr).toMatch(/^Usage:\n {2}serve .*\n {2}token /)
  },
)

test('help is no mistake', async () => {
  const command = run(['--help'])
  expect(await command.ended).toBe(0)
  expect(command.stdout).toMatch(/^Usage:/)
})
