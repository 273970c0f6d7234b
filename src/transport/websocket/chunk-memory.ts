import { writeHeader } from './frame.ts'
import type { Chunk, Frame } from './frame-queue.ts'

/** Of the memory that is used again and again, in bytes: a longer write gets memory of its own. */
const ROOM = 65_536

/**
 * Where the frames of a write become one buffer. The system mostly takes a write at once, and the memory is free for the next. What many sockets are to get, one
 * after the other, differs by what stands before it: so much is written anew, and the rest stands there still.
 */
export class ChunkMemory {
  #memory: Buffer | null = null
  /** What stands in the memory: these frames, as these bytes of it. */
  #frames: readonly Frame[] = NONE
  #bytes: Buffer = EMPTY

  /** The frames' bytes, good until the next call unless `leave` is called before. */
  put({ frames, length }: Chunk): Buffer {
    if (length > ROOM) return putAll(frames, Buffer.allocUnsafeSlow(length))
    if (length === this.#bytes.length && areAlike(frames, this.#frames)) return putHeads(frames, this.#bytes)
    this.#memory ??= Buffer.allocUnsafeSlow(ROOM)
    this.#frames = frames
    this.#bytes = putAll(frames, this.#memory.subarray(0, length))
    return this.#bytes
  }

  /** What was put together last is still needed by whom it was given to. */
  leave(): void {
    this.#memory = null
    this.#frames = NONE
    this.#bytes = EMPTY
  }
}

const NONE: readonly Frame[] = []
const EMPTY = Buffer.alloc(0)

/** Whether they differ by their heads alone, all of which stand at the same places. */
function areAlike(some: readonly Frame[], others: readonly Frame[]): boolean {
  if (some.length !== others.length) return false
  for (let nth = 0; nth < some.length; nth++) {
    const [one, other] = [some[nth], others[nth]]
    if (one === undefined || one.body === null || one.body !== other?.body) return false
    if (one.head.length !== other.head.length || one.opening !== other.opening) return false
  }
  return true
}

function putHeads(frames: readonly Frame[], into: Buffer): Buffer {
  let end = 0
  for (const { head, length, size } of frames) {
    end += size
    into.set(head, end - length)
  }
  return into
}

function putAll(frames: readonly Frame[], into: Buffer): Buffer {
  let end = 0
  for (const { opening, head, body, length } of frames) {
    end = writeHeader(into, end, opening, length)
    into.set(head, end)
    end += head.length
    if (body === null) continue
    into.set(body, end)
    end += body.length
  }
  return into
}
