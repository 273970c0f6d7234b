import { headerLength, OPENING, type Opening } from './frame.ts'

/**
 * A longer message goes as fragments of so many bytes. Progress is told by what is taken at once: as one frame, an answer of megabytes would have
 * to be read whole within the time that a client may take nothing. And a ping goes between two fragments.
 */
const FRAGMENT_BYTES = 65_536

export interface Frame {
  readonly opening: Opening
  readonly head: Uint8Array
  /** What follows `head`, and many sockets may have in common; null: nothing. */
  readonly body: Uint8Array | null
  /** Of both. */
  readonly length: number
  /** Of the frame: with its header. */
  readonly size: number
}

/** Frames that leave in one write. */
export interface Chunk {
  readonly frames: readonly Frame[]
  /** In bytes, headers included. */
  readonly length: number
}

/** Messages that wait to be written, each as references to the one or two parts that make it up: what many sockets are to get exists once. */
export class FrameQueue {
  /** Null while nothing waits: most sockets are idle most of the time. */
  #frames: Frame[] | null = null
  #bytes = 0

  /** How many bytes wait, frames' headers included. */
  get bytes(): number {
    return this.#bytes
  }

  push(head: Uint8Array, body: Uint8Array | null): void {
    const length = head.length + (body === null ? 0 : body.length)
    if (length <= FRAGMENT_BYTES) this.#add(OPENING.whole, head, body, length)
    else this.#addFragments(head, body, length)
  }

  /** The oldest frames, of at most `maxBytes` together but at least one; null when none waits. */
  take(maxBytes: number): Chunk | null {
    const frames = this.#frames
    if (frames === null) return null
    const chunk = this.#bytes <= maxBytes ? { frames, length: this.#bytes } : oldest(frames, maxBytes)
    // Out of the queue at once: what was taken and kept here would be memory that `bytes` does not tell of.
    this.#frames = chunk.frames === frames ? null : frames.slice(chunk.frames.length)
    this.#bytes -= chunk.length
    return chunk
  }

  clear(): void {
    this.#frames = null
    this.#bytes = 0
  }

  #add(opening: Opening, head: Uint8Array, body: Uint8Array | null, length: number): void {
    const size = headerLength(length) + length
    const frame = { opening, head, body, length, size }
    if (this.#frames === null) this.#frames = [frame]
    else this.#frames.push(frame)
    this.#bytes += size
  }

  #addFragments(head: Uint8Array, body: Uint8Array | null, length: number): void {
    for (let start = 0; start < length; start += FRAGMENT_BYTES) {
      const end = Math.min(start + FRAGMENT_BYTES, length)
      const opening = start === 0 ? OPENING.first : end === length ? OPENING.last : OPENING.middle
      // Of each part what lies within the fragment: the same bytes in the same memory.
      const ofHead = head.subarray(start, end)
      const ofBody = body?.subarray(Math.max(0, start - head.length), Math.max(0, end - head.length)) ?? null
      this.#add(opening, ofHead, ofBody, end - start)
    }
  }
}

function oldest(frames: readonly Frame[], maxBytes: number): Chunk {
  let [count, length] = [0, 0]
  for (const { size } of frames) {
    if (count > 0 && length + size > maxBytes) break
    length += size
    count++
  }
  return { frames: count === frames.length ? frames : frames.slice(0, count), length }
}
