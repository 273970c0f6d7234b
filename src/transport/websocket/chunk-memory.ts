import { type Frame, writeHeader } from './frame.ts'
import type { Chunk } from './frame-queue.ts'

/** Of the memory that is used again and again, in bytes: a longer write gets memory of its own. */
const ROOM = 65_536

/**
 * Where the frames of a write become one buffer. The system mostly takes a write at once, and the memory is free for the next. What many sockets are to get, one
 * after the other, differs by what stands before it: so much is written anew, and the rest stands there still.
 */
export class ChunkMemory {
  #memory: Buffer = EMPTY
  /** All before it was left to others. */
  #start = 0
  /** What stands there: these frames, as these bytes. */
  #frames: readonly Frame[] = NONE
  #bytes: Buffer = EMPTY

  /** The frames' bytes, good until the next call unless `leave` is called before. */
  put(chunk: Chunk): Buffer {
    const { frames, length } = chunk
    if (areSame(frames, this.#frames)) return putHeads(chunk, this.#bytes)
    if (length > ROOM) {
      this.#frames = NONE
      this.#bytes = EMPTY
      return putAll(chunk, Buffer.allocUnsafeSlow(length))
    }
    if (this.#start + length > this.#memory.length) {
      this.#memory = Buffer.allocUnsafeSlow(ROOM)
      this.#start = 0
    }
    this.#frames = frames
    this.#bytes = putAll(chunk, this.#memory.subarray(this.#start, this.#start + length))
    return this.#bytes
  }

  /** What was put together last is still needed by whom it was given to. */
  leave(): void {
    this.#start += this.#bytes.length
    this.#frames = NONE
    this.#bytes = EMPTY
  }
}

const NONE: readonly Frame[] = []
const EMPTY = Buffer.alloc(0)

function areSame(some: readonly Frame[], others: readonly Frame[]): boolean {
  if (some.length !== others.length) return false
  for (let nth = 0; nth < some.length; nth++) if (some[nth] !== others[nth]) return false
  return true
}

function putHeads({ frames, heads }: Chunk, into: Buffer): Buffer {
  let end = 0
  frames.forEach(({ length, size }, nth) => {
    end += size
    into.set(heads[nth] ?? EMPTY, end - length)
  })
  return into
}

function putAll({ frames, heads }: Chunk, into: Buffer): Buffer {
  let end = 0
  frames.forEach(({ opening, body, length, headLength }, nth) => {
    end = writeHeader(into, end, opening, length)
    into.set(heads[nth] ?? EMPTY, end)
    end += headLength
    if (body === null) return
    into.set(body, end)
    end += body.length
  })
  return into
}
