import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pgliteDirectory } from '../support/database.ts'
import { emptyDirectory, run, serve, stopped } from './command.ts'

const SECRET = 'a secret of more than thirty-two bytes'

interface Viewer {
  readonly tenantId: string
  readonly user: { readonly id: string; readonly name: string }
}

async function viewer(url: URL, token: string): Promise<Viewer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ viewer { tenantId user { id name } } }' }),
  })
  return (await response.json()).data.viewer
}

test('on no configuration but a port it makes what it needs, and shows two people the way in', async () => {
  const cwd = emptyDirectory()
  const server = run(['serve'], { cwd, env: { PORT: '0' } })
  const { url } = await server.logged('listening')
  await server.printed(/Bob +http:\S+\n/)
  const addresses = [...server.stdout.matchAll(/^ {2}(Alice|Bob) +(http:\S+)$/gm)]
  expect(addresses.map(([, name]) => name)).toEqual(['Alice', 'Bob'])
  for (const [, name = '', address = ''] of addresses) {
    const graphiql = new URL(address)
    expect(graphiql.href.split('#')[0]).toBe(url)
    expect(graphiql.hostname).toBe('localhost')
    const token = new URLSearchParams(graphiql.hash.slice(1)).get('token') ?? ''
    expect(await viewer(graphiql, token)).toEqual({ tenantId: 'demo', user: { id: name.toLowerCase(), name } })
    expect((await fetch(graphiql, { headers: { accept: 'text/html' } })).headers.get('content-type')).toMatch(/html/)
  }
  await stopped(server)
  expect(existsSync(join(cwd, '.colloquy'))).toBe(true)
})

test('a token of the command is good for the server of the same data directory', async () => {
  const { path, close } = await pgliteDirectory()
  const server = await serve({ DATA_DIR: path })
  const command = run(['token', '--tenant', 'acme', '--user', 'carol', '--name', 'Carol'], { env: { DATA_DIR: path } })
  expect(await command.ended).toBe(0)
  const carol = { tenantId: 'acme', user: { id: 'carol', name: 'Carol' } }
  expect(await viewer(server.url, command.stdout.trim())).toEqual(carol)
  await stopped(server)
  await close()
})

test('in production it prints JSON lines only, one an event, without a token or a secret', async () => {
  const { path, close } = await pgliteDirectory()
  const env = { DATA_DIR: path, NODE_ENV: 'production', JWT_SECRET: SECRET }
  const command = run(['token', '--tenant', 'acme', '--user', 'alice'], { env })
  await command.ended
  const token = command.stdout.trim()
  const server = await serve({ ...env, LOG_LEVEL: 'debug' })
  expect((await viewer(server.url, token)).user.id).toBe('alice')
  for (const wrong of [`${token}x`, 'eyJhbGciOiJub25lIn0.e30.', 'not-a-token']) {
    await expect(viewer(server.url, wrong)).rejects.toThrow()
  }
  await fetch(`${server.url.href}?token=${token}`, { headers: { cookie: `token=${token}` } })
  await openSocketWith(server.url, token)
  await openSocketWith(server.url, `${token}x`)
  await stopped(server)

  const lines = server.stdout.split('\n').slice(0, -1)
  for (const line of lines) {
    expect(JSON.parse(line)).toMatchObject({
      level: expect.any(String),
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      msg: expect.any(String),
    })
  }
  expect(server.log().map(event => event.msg)).toEqual(expect.arrayContaining(['listening', 'shutting down']))
  expect(server.stdout).not.toContain(SECRET)
  expect(server.stdout).not.toMatch(/eyJ/)
  expect(server.stderr).toBe('')
  await close()
})

/** Says who it is, waits for the answer or the close, and leaves. */
async function openSocketWith(url: URL, token: string): Promise<void> {
  const socket = new WebSocket(url.href.replace('http', 'ws'), 'graphql-transport-ws')
  const { promise: answered, resolve } = Promise.withResolvers<unknown>()
  socket.onopen = () => {
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }))
  }
  socket.onmessage = resolve
  socket.onclose = resolve
  await answered
  socket.close()
}
