import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ChunkMemory } from '../../../src/transport/websocket/chunk-memory.ts'
import { Outbound, resultOpening } from '../../../src/transport/websocket/outbound.ts'
import { messagesIn } from '../../support/frames.ts'
import { createManualClock } from '../../support/manual-clock.ts'

/** Two ends of one connection. */
async function connection(): Promise<{ near: Socket; far: Socket }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('It listens on no port.')
  const far = connect(address.port, '127.0.0.1')
  const [near] = (await once(server, 'connection')) as [Socket]
  onTestFinished(() => {
    far.destroy()
    near.destroy()
    server.close()
  })
  return { near, far }
}

function outboundOf(stream: Socket, chunkMemory: ChunkMemory, outboundMarkBytes = 1_000_000_000): Outbound {
  const options = { outboundMarkBytes, stallMs: 30_000 }
  // Each test says itself when a turn ends.
  const context = { clock: createManualClock(), options, turnEnd: { add() {} }, chunkMemory }
  const socket = { OPEN: 1, readyState: 1, terminate: () => stream.destroy() } as const
  return new Outbound({ socket, stream, context, reader: { onStall() {} } })
}

/** All that comes. */
function received(far: Socket): () => readonly string[] {
  const chunks: Buffer[] = []
  far.on('data', chunk => chunks.push(chunk))
  return () => messagesIn(Buffer.concat(chunks))
}

test('what a slow client has not taken yet stays as it was, whatever others are written meanwhile', async () => {
  const memory = new ChunkMemory()
  const slow = await connection()
  const quick = await connection()
  slow.far.pause()
  const [toSlow, toQuick] = [outboundOf(slow.near, memory), outboundOf(quick.near, memory)]
  const sent = { slow: [] as string[], quick: [] as string[] }
  for (let n = 0; slow.near.writableLength === 0 || n % 10 !== 0; n++) {
    const payload = { json: JSON.stringify(`${n % 10}`.repeat(50_000)), position: null }
    toSlow.next(resultOpening('slow'), payload)
    toQuick.next(resultOpening('fast'), payload)
    toSlow.endTurn()
    toQuick.endTurn()
    sent.slow.push(`{"id":"slow","type":"next","payload":${payload.json}}`)
    sent.quick.push(`{"id":"fast","type":"next","payload":${payload.json}}`)
  }
  const got = { slow: received(slow.far), quick: received(quick.far) }
  slow.far.resume()
  toSlow.send('the last')
  toSlow.endTurn()
  sent.slow.push('the last')
  await vi.waitFor(() => {
    expect(got.slow().length).toBe(sent.slow.length)
    expect(got.quick().length).toBe(sent.quick.length)
  })
  expect(got.slow()).toEqual(sent.slow)
  expect(got.quick()).toEqual(sent.quick)
})

test('who waits for a slow client resumes once it has taken half of what may wait', async () => {
  const { near, far } = await connection()
  far.pause()
  const outbound = outboundOf(near, new ChunkMemory(), 100_000)
  let sent = 0
  for (; !outbound.aboveMark; sent++) {
    outbound.send(`${sent}`.padEnd(20_000))
    outbound.endTurn()
  }
  let resumed = 0
  outbound.onDrain(() => {
    expect(outbound.aboveMark).toBe(false)
    resumed++
  })
  expect(resumed).toBe(0)
  const got = received(far)
  far.resume()
  await vi.waitFor(() => expect(got().length).toBe(sent))
  await vi.waitFor(() => expect(resumed).toBe(1))
  outbound.onDrain(() => resumed++)
  expect(resumed).toBe(2)
})
