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
  let first = 0
  let bytes = 0

  /** How many of the oldest fit, and their size. */
  function fitting(maxBytes: number): { readonly end: number; readonly size: number } {
    let size = 0
    let end = first
    for (let next = frames[end]; next !== undefined; next = frames[end]) {
      if (end > first && size + next.size > maxBytes) break
      size += next.size
      end++
    }
    return { end, size }
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
      if (first === frames.length) return null
      const { end, size } = fitting(maxBytes)
      const buffer = Buffer.allocUnsafe(size)
      let offset = 0
      for (const { parts, length } of frames.slice(first, end)) {
        offset = writeHeader(buffer, offset, length)
        for (const part of parts) {
          buffer.set(part, offset)
          offset += part.length
        }
      }
      bytes -= size
      first = end
      if (first === frames.length) {
        frames = []
        first = 0
      } else if (first > 1_000) {
        frames = frames.slice(first)
        first = 0
      }
      return buffer
    },
    clear() {
      frames = []
      first = 0
      bytes = 0
    },
  }
}
