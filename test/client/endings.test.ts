import { type Client, createClient } from 'graphql-ws'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { createColloquyClient } from '../../client/src/index.ts'
import { listen } from '../support/listening.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'
import { startScriptedServer } from './scripted-server.ts'

const ALL = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
const OF_THE_PROTOCOL = [4400, 4401, 4403, 4406, 4408, 4409, 4429, 4499, 4500, 4504]
const QUERY = 'subscription { inbox { position } }'

const ours = (url: string) =>
  createColloquyClient({ url, webSocketImpl: WebSocket, token: () => 'token', firstPauseMs: 1 })
const stock = (url: string) =>
  createClient({ url, webSocketImpl: WebSocket, retryAttempts: Number.POSITIVE_INFINITY, retryWait: async () => {} })

/** Subscribes where the first connection is closed with this code, after one event; resolves with how it went on. */
async function closedWith(code: number, create: (url: string) => Client) {
  const server = await startScriptedServer(({ id }, socket, nth) => {
    if (nth > 1) return socket.send(JSON.stringify({ id, type: 'complete' }))
    const payload = { data: { inbox: { position: 'there' } }, extensions: { position: 'there' } }
    socket.send(JSON.stringify({ id, type: 'next', payload }))
    socket.close(code)
  })
  const client = create(server.url)
  onTestFinished(async () => {
    await client.dispose()
    await server.close()
  })
  const why = await listen(client, QUERY).ended
  return { why, subscribed: server.subscribed }
}

test.each([...ALL, ...OF_THE_PROTOCOL])(
  'after %i it comes back when a stock graphql-ws client does, and resumes',
  async code => {
    const { why, subscribed } = await closedWith(code, ours)
    const stocks = await closedWith(code, stock)
    expect(subscribed.length).toBe(stocks.subscribed.length)
    if (subscribed.length === 1) expect(why).toMatchObject({ code })
    else {
      expect(why).toBeUndefined()
      expect(subscribed[0]?.payload.extensions).toBeUndefined()
      expect(subscribed[1]?.payload.extensions).toEqual({ resumeAfter: 'there' })
      expect(subscribed[1]?.id).not.toBe(subscribed[0]?.id)
    }
  },
)

test('the application says where to begin, until something was delivered', async () => {
  const server = await startScriptedServer(({ id }, socket, nth) => {
    const says = (position: string) =>
      socket.send(JSON.stringify({ id, type: 'next', payload: { data: {}, extensions: { position } } }))
    if (nth === 2) says('first')
    if (nth === 4) says('second')
    if (nth === 5) socket.send(JSON.stringify({ id, type: 'complete' }))
    else socket.close(1012)
  })
  onTestFinished(() => server.close())
  const client = ours(server.url)
  await listen(client, QUERY, { extensions: { resumeAfter: 'kept', other: 1 } }).ended
  const asked = server.subscribed.map(({ payload }) => payload.extensions)
  const after = ['kept', 'kept', 'first', 'first', 'second']
  expect(asked).toEqual(after.map(resumeAfter => ({ resumeAfter, other: 1 })))
})

test('what a connection that was given up still brings is nobody’s', async () => {
  let old: ((position: string) => void) | undefined
  const server = await startScriptedServer(({ id }, socket, nth) => {
    const says = (position: string) =>
      socket.send(JSON.stringify({ id, type: 'next', payload: { data: { position }, extensions: { position } } }))
    if (nth === 1) {
      old = says
      says('1')
    } else {
      old?.('of the old connection')
      socket.once('pong', () => says('2'))
      socket.ping()
    }
  })
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: Number(new URL(server.url).port) })
  const client = ours(`ws://127.0.0.1:${proxy.port}`)
  onTestFinished(async () => {
    await client.dispose()
    await proxy.close()
    await server.close()
  })
  const listening = listen<{ readonly position: string }>(client, QUERY)
  await listening.first(({ position }) => position === '1')
  // The server does not hear that the client has given it up.
  proxy.connections[0]?.stall('up')
  client.terminate()
  await listening.first(({ position }) => position === '2')
  expect(listening.results.map(({ data }) => data.position)).toEqual(['1', '2'])
})

test('an operation that the server cannot look at now is opened again where it was', async () => {
  const server = await startScriptedServer(({ id }, socket, nth) => {
    const error = (code: string) =>
      socket.send(JSON.stringify({ id, type: 'error', payload: [{ message: code, extensions: { code } }] }))
    if (nth === 1)
      socket.send(JSON.stringify({ id, type: 'next', payload: { data: {}, extensions: { position: 'p' } } }))
    error(nth < 4 ? 'UNAVAILABLE' : 'ACCESS_REVOKED')
  })
  onTestFinished(() => server.close())
  const { ended } = listen(ours(server.url), QUERY)
  expect(await ended).toEqual([{ message: 'ACCESS_REVOKED', extensions: { code: 'ACCESS_REVOKED' } }])
  const asked = server.subscribed.map(({ payload }) => payload.extensions?.['resumeAfter'])
  expect(asked).toEqual([undefined, 'p', 'p', 'p'])
})
