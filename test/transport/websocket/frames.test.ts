import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openKnownSocket, openSocket, subscribeFrame } from '../socket-fixture.ts'
import { startTransport } from '../transport-fixture.ts'

/** A WebSocket written by hand, for frames that no library would send. Resolves to the close code that the server sends. */
async function sendRaw(port: number, frames: Buffer): Promise<number> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(
    [
      'GET /graphql HTTP/1.1',
      'Host: 127.0.0.1',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: graphql-transport-ws',
      '\r\n',
    ].join('\r\n'),
  )
  await once(socket, 'data')
  socket.write(frames)
  const [answer] = await once(socket, 'data')
  const opcode = answer[0] & 0x0f
  return opcode === 8 ? answer.readUInt16BE(2) : -opcode
}

/** One frame of under 126 bytes, masked with zeros. */
function frame(opcode: number, payload: Buffer, { fin = true, masked = true } = {}): Buffer {
  const head = [(fin ? 0x80 : 0) | opcode, (masked ? 0x80 : 0) | payload.length]
  return Buffer.concat([Buffer.from(masked ? [...head, 0, 0, 0, 0] : head), payload])
}

test('a message of 262,144 bytes is read, one more byte closes with 1009', async () => {
  const { wsUrl } = await startTransport()
  const { socket, say, heard, closed } = await openKnownSocket(wsUrl)
  const padded = (bytes: number) => {
    const text = JSON.stringify({ type: 'ping', payload: { text: '' } })
    return text.replace('""', `"${'x'.repeat(bytes - text.length)}"`)
  }
  socket.send(padded(262_144))
  await heard('pong')
  say({ type: 'ping' })
  socket.send(padded(262_145))
  expect(await closed).toBe(1009)
})

test('20 MB close with 1009', async () => {
  const { wsUrl } = await startTransport()
  const { socket, closed } = await openSocket(wsUrl)
  socket.send(Buffer.alloc(20_000_000, 0x20).toString())
  expect(await closed).toSatisfy((code: number) => code === 1009 || code === 1006)
})

test('16,000 fragments of one byte close with 1008', async () => {
  const { port } = await startTransport()
  const fragment = frame(0, Buffer.from(' '), { fin: false })
  const fragments = Buffer.concat(Array.from({ length: 16_000 }, () => fragment))
  expect(await sendRaw(port, Buffer.concat([frame(1, Buffer.from(' '), { fin: false }), fragments]))).toBe(1008)
})

test('bad UTF-8 closes with 1007', async () => {
  const { port } = await startTransport()
  expect(await sendRaw(port, frame(1, Buffer.from([0xc3, 0x28])))).toBe(1007)
})

test('an unmasked frame closes with 1002', async () => {
  const { port } = await startTransport()
  expect(await sendRaw(port, frame(1, Buffer.from('{}'), { masked: false }))).toBe(1002)
})

test('a compressed frame closes with 1002', async () => {
  const { port } = await startTransport()
  expect(await sendRaw(port, frame(0x41, Buffer.from('{}')))).toBe(1002)
})

test('a binary frame closes with 1003', async () => {
  const { wsUrl } = await startTransport()
  const { socket, closed } = await openKnownSocket(wsUrl)
  socket.send(Buffer.from(JSON.stringify({ type: 'ping' })))
  expect(await closed).toBe(1003)
})

test('what one socket does wrong harms no other', async () => {
  const { wsUrl, port } = await startTransport()
  const good = await openKnownSocket(wsUrl)
  await sendRaw(port, frame(1, Buffer.from([0xc3, 0x28])))
  good.say(subscribeFrame('1', '{ hello }'))
  expect(await good.heard('next', '1')).toMatchObject({ payload: { data: { hello: 'world' } } })
})
