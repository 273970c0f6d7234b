import { headerLength, writeHeader } from './frame.ts'

/** Messages that wait to be written, each as the parts that make it up: a part that many sockets are to get exists once. */
export interface FrameQueue {
  push(parts: readonly Uint8Array[]): void
  /** How many bytes wait, frames' headers included. */
  readonly bytes: number
  /** The oldest messages, of at most `maxBytes` together but at least one, as frames in one buffer; null when none waits. */
  take(maxBytes: number): Buffer | null
  clear(): void
}

interface Frame {
  readonly parts: readonly Uint8Array[]
  /** Of the message, and of the whole frame. */
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

  return {
    push(parts) {
      const length = parts.reduce((sum, part) => sum + part.length, 0)
      const size = headerLength(length) + length
      frames.push({ parts, length, size })
      bytes += size
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
      for (const { parts, length } of taken) {
        offset = writeHeader(buffer, offset, length)
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
