import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../support/server.ts'
import { openSocket } from '../../transport/socket-fixture.ts'
import { openLine } from './ways.ts'

const MAX = 100

let server: TestServer
beforeAll(async () => {
  // None is closed for its silence alone while the test runs.
  server = await startTestServer({ env: { MAX_SILENT_SOCKETS: String(MAX), INIT_TIMEOUT_MS: '600000' } })
})
afterAll(() => server.close())

async function socketsOpen(): Promise<number> {
  const page = await (await fetch(new URL('/metrics', server.url))).text()
  return Number(/^colloquy_websockets (\d+)/m.exec(page)?.[1])
}

test('of 1,000 sockets that say nothing the newest are kept, and whoever says who it is goes on', async () => {
  const alice = await server.person('alice')
  const before = await openLine(server, alice)
  const url = server.url.href.replace('http', 'ws')
  const silent = await Promise.all(Array.from({ length: 1_000 }, () => openSocket(url)))
  await expect.poll(socketsOpen).toBe(MAX + 1)
  const codes = await Promise.all(silent.slice(0, 500).map(each => Promise.race([each.closed, 'open'])))
  expect(codes.filter(code => code === 4408).length).toBeGreaterThan(400)
  const after = await openLine(server, alice)
  for (const line of [before, after]) {
    expect(await line.ask({ query: '{ viewer { user { id } } }' })).toEqual({
      data: { viewer: { user: { id: 'alice' } } },
    })
  }
})
