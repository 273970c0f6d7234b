import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { ChunkMemory } from '../../../src/transport/websocket/chunk-memory.ts'
import { Frame, OPENING } from '../../../src/transport/websocket/frame.ts'
import { type Chunk, FrameQueue } from '../../../src/transport/websocket/frame-queue.ts'
import { messagesIn } from '../../support/frames.ts'

/** The messages in a chunk as it is written. */
function messagesOf(chunk: Chunk | null): readonly string[] {
  return chunk === null ? [] : messagesIn(new ChunkMemory().put(chunk))
}

function push(queue: FrameQueue, head: Uint8Array, body: Uint8Array | null = null): void {
  queue.push(head, new Frame(OPENING.whole, head.length, body))
}

const lengths = [0, 1, 125, 126, 65_535, 65_536, 65_537, 131_072, 200_000]

test.each(lengths)('a message of %i bytes is one frame, or fragments of 64 KB', length => {
  const queue = new FrameQueue()
  const text = 'é'.repeat(length >> 1).padEnd(length - (length >> 1), 'x')
  const message = Buffer.from(text)
  expect(message.length).toBe(length)
  push(queue, message.subarray(0, length >> 2), message.subarray(length >> 2))
  push(queue, Buffer.from('after'))
  const waiting = queue.bytes
  const all = queue.take(Number.POSITIVE_INFINITY)
  expect(messagesOf(all)).toEqual([text, 'after'])
  expect([all?.length, queue.bytes]).toEqual([waiting, 0])
})

test('what is taken at once is bounded, whole frames, in order, and counted', () => {
  const queue = new FrameQueue()
  const messages = Array.from({ length: 3_000 }, (_, n) => `${n}`.padStart(48, '0'))
  for (const message of messages) push(queue, Buffer.from(message))
  expect(queue.bytes).toBe(3_000 * 50)
  const taken: string[] = []
  for (let chunk = queue.take(1_049); chunk !== null; chunk = queue.take(1_049)) {
    expect(chunk.length).toBeLessThanOrEqual(1_000)
    taken.push(...messagesOf(chunk))
  }
  expect(taken).toEqual(messages)
  expect(queue.bytes).toBe(0)
})

test('a frame that is larger than what may be taken at once goes alone', () => {
  const queue = new FrameQueue()
  for (const text of ['small', 'x'.repeat(500), 'small']) push(queue, Buffer.from(text))
  expect(messagesOf(queue.take(100))).toEqual(['small'])
  expect(messagesOf(queue.take(100))).toEqual(['x'.repeat(500)])
  expect(messagesOf(queue.take(100))).toEqual(['small'])
  expect(queue.take(100)).toBeNull()
})

test('what is dropped is gone', () => {
  const queue = new FrameQueue()
  push(queue, Buffer.from('gone'))
  queue.clear()
  expect([queue.bytes, queue.take(100)]).toEqual([0, null])
})

test('what was taken is held no longer, however much still waits', async () => {
  const queue = new FrameQueue()
  const payloads = Array.from({ length: 200 }, () => {
    const payload = Buffer.alloc(1_000)
    push(queue, payload)
    return new WeakRef(payload)
  })
  for (let n = 0; n < 100; n++) queue.take(1)
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  // What a turn has made a reference to lives until its end.
  await new Promise(resolve => setImmediate(resolve))
  collect()
  expect(payloads.filter(payload => payload.deref() !== undefined)).toHaveLength(100)
  expect(queue.bytes).toBe(100 * 1_004)
})
