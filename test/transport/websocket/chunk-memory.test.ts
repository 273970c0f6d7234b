import { expect, test } from 'vitest'
import { ChunkMemory } from '../../../src/transport/websocket/chunk-memory.ts'
import { Frame, OPENING } from '../../../src/transport/websocket/frame.ts'
import { type Chunk, FrameQueue } from '../../../src/transport/websocket/frame-queue.ts'
import { messagesIn } from '../../support/frames.ts'

const hello = Buffer.from('hello')
const world = Buffer.from('world')

/** Those that have a body in common, after heads of one length, are one. */
const shared = new Map<Uint8Array, Map<number, Frame>>()

function frameOf(headLength: number, body: Uint8Array | null): Frame {
  const frame = new Frame(OPENING.whole, headLength, body)
  if (body === null) return frame
  const byLength = shared.get(body) ?? new Map<number, Frame>()
  shared.set(body, byLength)
  const known = byLength.get(headLength) ?? frame
  byLength.set(headLength, known)
  return known
}

/** What one write carries: messages, each as its head and what many may have in common. */
function chunkOf(...messages: readonly (readonly [string, Uint8Array | null])[]): Chunk {
  const queue = new FrameQueue()
  for (const [head, body] of messages) queue.push(Buffer.from(head), frameOf(head.length, body))
  const chunk = queue.take(Number.POSITIVE_INFINITY)
  if (chunk === null) throw new Error('Nothing was pushed.')
  return chunk
}

const cases: readonly (readonly [string, Chunk, readonly string[]])[] = [
  ['what one is to get', chunkOf(['a1:', hello], ['a2:', world]), ['a1:hello', 'a2:world']],
  ['the same for another', chunkOf(['b1:', hello], ['b2:', world]), ['b1:hello', 'b2:world']],
  ['heads of other lengths, as long together', chunkOf(['c:', hello], ['c22:', world]), ['c:hello', 'c22:world']],
  ['other bodies of the same length', chunkOf(['d1:', world], ['d2:', hello]), ['d1:world', 'd2:hello']],
  [
    'a body that is equal and another',
    chunkOf(['e1:', Buffer.from('world')], ['e2:', hello]),
    ['e1:world', 'e2:hello'],
  ],
  ['less', chunkOf(['f1:', hello]), ['f1:hello']],
  ['heads alone', chunkOf(['12345678', null]), ['12345678']],
  ['other heads alone', chunkOf(['87654321', null]), ['87654321']],
  ['fragments', chunkOf(['g1:', Buffer.alloc(70_000, 'x')]), [`g1:${'x'.repeat(70_000)}`]],
  ['what came first', chunkOf(['a1:', hello], ['a2:', world]), ['a1:hello', 'a2:world']],
]

test('one memory gives each chunk its own bytes, whatever it held before', () => {
  const memory = new ChunkMemory()
  for (const [, before] of cases) {
    for (const [name, chunk, messages] of cases) {
      memory.put(before)
      expect(messagesIn(memory.put(chunk)), name).toEqual(messages)
    }
  }
})

test('bytes that are left to somebody never change', () => {
  const memory = new ChunkMemory()
  const left = memory.put(chunkOf(['a:', hello]))
  memory.leave()
  const next = memory.put(chunkOf(['b:', hello]))
  expect(messagesIn(left)).toEqual(['a:hello'])
  expect(messagesIn(next)).toEqual(['b:hello'])
})

test('the next write of the same frames for another takes the same memory', () => {
  const memory = new ChunkMemory()
  const first = memory.put(chunkOf(['a:', hello]))
  expect(memory.put(chunkOf(['b:', hello]))).toBe(first)
})

test('a long write is not kept', () => {
  const memory = new ChunkMemory()
  const long = memory.put(chunkOf(['a:', Buffer.alloc(70_000)]))
  expect(memory.put(chunkOf(['b:', hello])).buffer).not.toBe(long.buffer)
})

test('what is left to many takes about as much memory as it is long', () => {
  const memory = new ChunkMemory()
  const texts = Array.from({ length: 1_000 }, (_, n) => `${n}`.padEnd(300, '.'))
  const left = texts.map(text => {
    const bytes = memory.put(chunkOf([text, null]))
    memory.leave()
    return bytes
  })
  expect(left.flatMap(messagesIn)).toEqual(texts)
  const held = [...new Set(left.map(({ buffer }) => buffer))].reduce((sum, { byteLength }) => sum + byteLength, 0)
  expect(held).toBeLessThan(1.5 * 1_000 * 304)
})

test('a long write leaves the memory to those after it', () => {
  const memory = new ChunkMemory()
  const before = memory.put(chunkOf(['a:', hello]))
  memory.put(chunkOf(['b:', Buffer.alloc(70_000)]))
  memory.leave()
  expect(memory.put(chunkOf(['c:', hello])).buffer).toBe(before.buffer)
})
