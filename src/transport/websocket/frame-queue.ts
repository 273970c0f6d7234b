import { headerLength, OPENING, type Opening, writeHeader } from './frame.ts'

/**
 * A longer message goes as fragments of so many bytes. Progress is told by what is taken at once: as one frame, an answer of megabytes would have
 * to be read whole within the time that a client may take nothing. And a ping goes between two fragments.
 */
const FRAGMENT_BYTES = 65_536

interface Frame {
  readonly opening: Opening
  readonly head: Uint8Array
  /** What follows `head`, and many sockets may have in common; null: nothing. */
  readonly body: Uint8Array | null
  /** Of both. */
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

  /** The oldest frames, of at most `maxBytes` together but at least one, in one buffer; null when none waits. */
  take(maxBytes: number): Buffer | null {
    const frames = this.#frames
    if (frames === null) return null
    const { count, size } = this.#fitting(frames, maxBytes)
    const buffer = Buffer.allocUnsafe(size)
    let offset = 0
    for (let nth = 0; nth < count; nth++) {
      const frame = frames[nth]
      if (frame !== undefined) offset = writeFrame(buffer, offset, frame)
    }
    // Out of the queue at once: what was taken and kept here would be memory that `bytes` does not tell of.
    this.#frames = count === frames.length ? null : frames.slice(count)
    this.#bytes -= size
    return buffer
  }

  clear(): void {
    this.#frames = null
    this.#bytes = 0
  }

  #add(opening: Opening, head: Uint8Array, body: Uint8Array | null, length: number): void {
    const frame = { opening, head, body, length }
    if (this.#frames === null) this.#frames = [frame]
    else this.#frames.push(frame)
    this.#bytes += headerLength(length) + length
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

  /** How many of the oldest fit, at least one, and their size. */
  #fitting(frames: readonly Frame[], maxBytes: number): { count: number; size: number } {
    if (this.#bytes <= maxBytes) return { count: frames.length, size: this.#bytes }
    let [count, size] = [0, 0]
    for (const { length } of frames) {
      const next = size + headerLength(length) + length
      if (count > 0 && next > maxBytes) break
      size = next
      count++
    }
    return { count, size }
  }
}

function writeFrame(into: Buffer, offset: number, { opening, head, body, length }: Frame): number {
  let end = writeHeader(into, offset, opening, length)
  into.set(head, end)
  end += head.length
  if (body === null) return end
  into.set(body, end)
  return end + body.length
}
