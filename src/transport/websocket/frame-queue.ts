import { headerLength, OPENING, type Opening, writeHeader } from './frame.ts'

/**
 * A longer message goes as fragments of so many bytes. Progress is told by what is taken at once: as one frame, an answer of megabytes would have
 * to be read whole within the time that a client may take nothing. And a ping goes between two fragments.
 */
const FRAGMENT_BYTES = 65_536

/** Messages that wait to be written, each as the parts that make it up: a part that many sockets are to get exists once. */
export interface FrameQueue {
  push(parts: readonly Uint8Array[]): void
  /** How many bytes wait, frames' headers included. */
  readonly bytes: number
  /** The oldest frames, of at most `maxBytes` together but at least one, in one buffer; null when none waits. */
  take(maxBytes: number): Buffer | null
  clear(): void
}

interface Frame {
  readonly opening: Opening
  readonly parts: readonly Uint8Array[]
  /** Of the payload, and of the whole frame. */
  readonly length: number
  readonly size: number
}

export function createFrameQueue(): FrameQueue {
  let frames: Frame[] = []
  let bytes = 0

  /** How many of the oldest fit: at least one. */
  function fitting(maxBytes: number): number {
    let size = 0
    const tooMany = frames.findIndex((frame, nth) => {
      size += frame.size
      return nth > 0 && size > maxBytes
    })
    return tooMany === -1 ? frames.length : tooMany
  }

  function add(opening: Opening, parts: readonly Uint8Array[], length: number): void {
    const size = headerLength(length) + length
    frames.push({ opening, parts, length, size })
    bytes += size
  }

  return {
    push(parts) {
      const length = lengthOf(parts)
      if (length <= FRAGMENT_BYTES) return add(OPENING.whole, parts, length)
      let left = length
      for (const fragment of fragmentsOf(parts)) {
        const isFirst = left === length
        const size = lengthOf(fragment)
        left -= size
        add(isFirst ? OPENING.first : left === 0 ? OPENING.last : OPENING.middle, fragment, size)
      }
    },
    get bytes() {
      return bytes
    },
    take(maxBytes) {
      if (frames.length === 0) return null
      // Out of the queue at once: what was taken and kept here would be memory that `bytes` does not tell of.
      const taken = frames.splice(0, fitting(maxBytes))
      const buffer = Buffer.allocUnsafe(taken.reduce((sum, { size }) => sum + size, 0))
      let offset = 0
      for (const { opening, parts, length } of taken) {
        offset = writeHeader(buffer, offset, opening, length)
        for (const part of parts) {
          buffer.set(part, offset)
          offset += part.length
        }
      }
      bytes -= buffer.length
      return buffer
    },
    clear() {
      frames = []
      bytes = 0
    },
  }
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

/** The same bytes in the same memory, cut into pieces of `FRAGMENT_BYTES`. */
function* fragmentsOf(parts: readonly Uint8Array[]): Generator<readonly Uint8Array[]> {
  let fragment: Uint8Array[] = []
  let room = FRAGMENT_BYTES
  for (const part of parts) {
    for (let start = 0; start < part.length; ) {
      const piece = part.subarray(start, start + room)
      fragment.push(piece)
      start += piece.length
      room -= piece.length
      if (room > 0) continue
      yield fragment
      fragment = []
      room = FRAGMENT_BYTES
    }
  }
  if (fragment.length > 0) yield fragment
}
