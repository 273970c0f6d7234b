import { afterAll, beforeAll, expect, test } from 'vitest'
import { listen } from '../support/listening.ts'
import * as say from '../support/sayings.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const page = (path: string) => fetch(new URL(path, server.url))

test('/livez and /readyz say that it serves', async () => {
  for (const path of ['/livez', '/readyz']) {
    const response = await page(path)
    expect([response.status, await response.text()]).toEqual([200, 'ok\n'])
  }
})

test('/metrics counts what was committed and who is connected, and names nobody', async () => {
  const alice = await server.person('alice', { tenantId: 'a-tenant' })
  const inbox = listen<{ inbox: { __typename: string } }>(alice.socket(), 'subscription { inbox { __typename } }')
  await inbox.first(data => data.inbox.__typename === 'CaughtUp')
  const conversationId = await say.createGroup(alice, [])
  await say.markRead(alice, await say.send(alice, conversationId, 'hello'))
  const response = await page('/metrics')
  const text = await response.text()
  expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
  expect(text).toMatch(/^colloquy_events_total 2$/m)
  expect(text).toMatch(/^colloquy_receipts_total 2$/m)
  expect(text).toMatch(/^colloquy_websockets 1$/m)
  expect(text).toMatch(/^colloquy_bus_connected 1$/m)
  expect(text).not.toMatch(/a-tenant|alice/)
  inbox.stop()
})

test('every other path is 404', async () => {
  expect((await page('/')).status).toBe(404)
  expect((await page('/graphql/../etc/passwd')).status).toBe(404)
})
