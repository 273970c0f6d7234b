import { Frame, OPENING } from './frame.ts'

/**
 * A longer message goes as fragments of so many bytes. Progress is told by what is taken at once: as one frame, an answer of megabytes would have
 * to be read whole within the time that a client may take nothing. And a ping goes between two fragments.
 */
const FRAGMENT_BYTES = 65_536

/** Frames that leave in one write. */
export interface Chunk {
  readonly frames: readonly Frame[]
  /** Of each frame. */
  readonly heads: readonly Uint8Array[]
  /** In bytes, headers included. */
  readonly length: number
}

/** Messages that wait to be written, as references to what they are made of: what many sockets are to get exists once. */
export class FrameQueue {
  /** Null while nothing waits: most sockets are idle most of the time. */
  #frames: Frame[] | null = null
  #heads: Uint8Array[] = NONE
  #bytes = 0

  /** How many bytes wait, frames' headers included. */
  get bytes(): number {
    return this.#bytes
  }

  /** Takes a message: `frame` if it is not too long for one, with that head. */
  push(head: Uint8Array, frame: Frame): void {
    if (frame.length <= FRAGMENT_BYTES) this.#add(head, frame)
    else this.#addFragments(head, frame)
  }

  /** The oldest frames, of at most `maxBytes` together but at least one; null when none waits. */
  take(maxBytes: number): Chunk | null {
    const [frames, heads] = [this.#frames, this.#heads]
    if (frames === null) return null
    const chunk = this.#bytes <= maxBytes ? { frames, heads, length: this.#bytes } : oldest(frames, heads, maxBytes)
    // Out of the queue at once: what was taken and kept here would be memory that `bytes` does not tell of.
    const count = chunk.frames.length
    this.#frames = count === frames.length ? null : frames.slice(count)
    this.#heads = count === frames.length ? NONE : heads.slice(count)
    this.#bytes -= chunk.length
    return chunk
  }

  clear(): void {
    this.#frames = null
    this.#heads = NONE
    this.#bytes = 0
  }

  #add(head: Uint8Array, frame: Frame): void {
    if (this.#frames === null) {
      this.#frames = [frame]
      this.#heads = [head]
    } else {
      this.#frames.push(frame)
      this.#heads.push(head)
    }
    this.#bytes += frame.size
  }

  #addFragments(head: Uint8Array, { body, length }: Frame): void {
    for (let start = 0; start < length; start += FRAGMENT_BYTES) {
      const end = Math.min(start + FRAGMENT_BYTES, length)
      const opening = start === 0 ? OPENING.first : end === length ? OPENING.last : OPENING.middle
      // Of each part what lies within the fragment: the same bytes in the same memory.
      const ofHead = head.subarray(start, end)
      const ofBody = body?.subarray(Math.max(0, start - head.length), Math.max(0, end - head.length)) ?? null
      this.#add(ofHead, new Frame(opening, ofHead.length, ofBody))
    }
  }
}

/** Of a queue in which nothing waits; nobody adds to it. */
const NONE: Uint8Array[] = []

function oldest(frames: readonly Frame[], heads: readonly Uint8Array[], maxBytes: number): Chunk {
  let [count, length] = [0, 0]
  for (const { size } of frames) {
    if (count > 0 && length + size > maxBytes) break
    length += size
    count++
  }
  return { frames: frames.slice(0, count), heads: heads.slice(0, count), length }
}
