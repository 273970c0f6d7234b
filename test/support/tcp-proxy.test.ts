import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'

let server: Server
let proxy: TcpProxy
/** The server's ends. */
let accepted: Socket[]
const clients: Socket[] = []

beforeEach(async () => {
  accepted = []
  server = createServer(socket => {
    accepted.push(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  proxy = await startTcpProxy({ host: '127.0.0.1', port: address.port })
})
afterEach(async () => {
  for (const socket of [...clients.splice(0), ...accepted]) socket.destroy()
  await proxy.close()
  server.close()
})

/** A client and the server's end of it, each with what it has read. */
async function joined() {
  const client = connect(proxy.port, '127.0.0.1')
  clients.push(client)
  const before = accepted.length
  await vi.waitFor(() => expect(accepted.length).toBe(before + 1))
  const served = accepted[before]
  if (served === undefined) throw new Error('not accepted')
  return { client: watch(client), served: watch(served) }
}

function watch(socket: Socket) {
  const seen = { socket, text: '', ended: false, error: '' }
  socket.on('data', bytes => {
    seen.text += bytes.toString()
  })
  socket.on('end', () => {
    seen.ended = true
  })
  socket.on('error', error => {
    seen.error = 'code' in error ? String(error.code) : error.message
  })
  return seen
}

test('passes both ways, and counts what the client writes', async () => {
  const { client, served } = await joined()
  client.socket.write('ping')
  await vi.waitFor(() => expect(served.text).toBe('ping'))
  served.socket.write('pong')
  await vi.waitFor(() => expect(client.text).toBe('pong'))
  expect([proxy.takeCount(), proxy.takeCount()]).toEqual([1, 0])
})

test('passes on all that was written before an end, however much', async () => {
  const { client, served } = await joined()
  served.socket.end('x'.repeat(5_000_000))
  await vi.waitFor(() => expect(client.ended).toBe(true), { timeout: 5_000 })
  expect(client.text.length).toBe(5_000_000)
  await vi.waitFor(() => expect(proxy.connections).toEqual([]))
})

test('cuts one connection and leaves the other', async () => {
  const first = await joined()
  const second = await joined()
  proxy.connections[0]?.cut()
  await vi.waitFor(() => expect([first.client.socket.destroyed, first.served.socket.destroyed]).toEqual([true, true]))
  expect([first.client.error, first.served.error]).toEqual(['', ''])
  second.client.socket.write('still here')
  await vi.waitFor(() => expect(second.served.text).toBe('still here'))
  expect(proxy.connections.length).toBe(1)
})

test('resets all at both ends', async () => {
  const pairs = [await joined(), await joined()]
  proxy.reset()
  for (const { client, served } of pairs) {
    await vi.waitFor(() => expect([client.error, served.error]).toEqual(['ECONNRESET', 'ECONNRESET']))
  }
})

test('an end that resets is a reset for the other', async () => {
  const { client, served } = await joined()
  served.socket.resetAndDestroy()
  await vi.waitFor(() => expect(client.error).toBe('ECONNRESET'))
})

test('holds up one direction, with back-pressure, and loses nothing of it', async () => {
  const { client, served } = await joined()
  proxy.stall('down')
  const chunk = 'x'.repeat(1_000_000)
  const written = 40
  for (let nth = 0; nth < written; nth++) served.socket.write(chunk)
  client.socket.write('up goes on')
  await vi.waitFor(() => expect(served.text).toBe('up goes on'))
  // More than the system's own buffers hold is still at the writer.
  expect(served.socket.writableLength).toBeGreaterThan(10_000_000)
  expect(client.text).toBe('')
  proxy.flow()
  await vi.waitFor(() => expect(client.text.length).toBe(written * chunk.length), { timeout: 10_000 })
  expect(served.socket.writableLength).toBe(0)
})

test('a stall of all is also one of whoever comes, until it flows again', async () => {
  proxy.stall()
  const { client, served } = await joined()
  client.socket.write('ping')
  served.socket.write('pong')
  const { client: other } = await joined()
  expect([client.text, served.text, other.text]).toEqual(['', '', ''])
  proxy.flow()
  await vi.waitFor(() => expect([client.text, served.text]).toEqual(['pong', 'ping']))
})

test('delays, in order', async () => {
  const { client, served } = await joined()
  proxy.delay(120)
  const before = performance.now()
  client.socket.write('a')
  proxy.delay(40)
  await vi.waitFor(() => expect(proxy.takeCount()).toBe(1))
  client.socket.write('b')
  await vi.waitFor(() => expect(served.text).toBe('ab'))
  // The first was read after the delay had been set; the second waited for it.
  expect(performance.now() - before).toBeGreaterThan(35)
})

test('resets whoever comes while it is down', async () => {
  const { client } = await joined()
  proxy.down()
  await vi.waitFor(() => expect(client.socket.destroyed).toBe(true))
  const refused = watch(connect(proxy.port, '127.0.0.1'))
  clients.push(refused.socket)
  await vi.waitFor(() => expect(refused.error).toBe('ECONNRESET'))
  proxy.up()
  const { client: again, served } = await joined()
  again.socket.write('back')
  await vi.waitFor(() => expect(served.text).toBe('back'))
})
