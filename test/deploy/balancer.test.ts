import { createClient } from 'graphql-ws'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { listen } from '../support/listening.ts'
import { readEvents } from '../transport/sse-fixture.ts'
import { authorizationOf, post, startNodes } from './nodes.ts'

const INBOX = 'subscription { inbox { __typename } }'
const CREATE = 'mutation { createConversation(input: { kind: GROUP, title: "a" }) { conversation { id } } }'

async function eventStream(url: URL): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      authorization: await authorizationOf('alice'),
      'content-type': 'application/json',
      accept: 'text/event-stream',
    },
    body: JSON.stringify({ query: INBOX }),
  })
}

async function socketTo(url: URL, origin: string) {
  const client = createClient({
    url: url.href.replace('http', 'ws'),
    webSocketImpl: class extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { origin })
      }
    },
    connectionParams: { authorization: await authorizationOf('alice') },
    retryAttempts: 0,
  })
  onTestFinished(() => client.dispose())
  return client
}

test('queries, mutations, sockets and event streams pass through it, each event at once', async () => {
  const { url } = await startNodes(['node1', 'node2'])
  expect(await (await post(url, 'alice', '{ viewer { tenantId } }')).json()).toEqual({
    data: { viewer: { tenantId: 'acme' } },
  })
  // A page of the balancer's own address: the node sees the Host that the client sent.
  const overSocket = listen(await socketTo(url, url.origin), INBOX)
  await overSocket.first(() => true)
  const events = readEvents(await eventStream(url))
  expect((await events.next()).value).toMatchObject({ event: 'next' })
  expect((await post(url, 'alice', CREATE)).status).toBe(200)
  // An event that waited for a next one would never come.
  await overSocket.first(({ inbox }) => (inbox as { __typename: string }).__typename === 'ConversationCreated')
  expect((await events.next()).value).toMatchObject({ data: expect.stringContaining('ConversationCreated') })
  await expect((await socketTo(url, 'https://elsewhere.example')).iterate({ query: INBOX }).next()).rejects.toThrow(
    '403',
  )
  // What is not for the public is not.
  expect((await fetch(new URL('/metrics', url))).status).toBe(404)
  expect((await fetch(new URL('/livez', url))).status).toBe(200)
  expect((await fetch(new URL('/readyz', url))).status).toBe(200)
})

test('a node that drains or has gone is not noticed, and without any it answers as the server would', async () => {
  const { url, node } = await startNodes(['node1', 'node2'], { DRAIN_NOTICE_MS: '600000' })
  const socket = listen(await socketTo(url, url.origin), INBOX)
  await socket.first(() => true)
  node('node1').signal('SIGTERM')
  await node('node1').logged('shutting down')
  const statuses = await Promise.all(
    Array.from({ length: 40 }, () => post(url, 'alice', CREATE).then(({ status }) => status)),
  )
  expect(new Set(statuses)).toEqual(new Set([200]))
  const third = listen(await socketTo(url, url.origin), INBOX)
  await third.first(() => true)
  node('node1').signal('SIGKILL')
  await node('node1').ended
  expect((await post(url, 'alice', CREATE)).status).toBe(200)
  node('node2').signal('SIGKILL')
  await node('node2').ended
  const refused = await post(url, 'alice', CREATE)
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] })
})
