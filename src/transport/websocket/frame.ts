/** Text messages of a server as WebSocket frames (RFC 6455, section 5.2): not compressed, not masked. */

/** What a frame begins with: whether it is the last of its message, and whether the first. */
export const OPENING = { whole: 0x81, first: 0x01, middle: 0x00, last: 0x80 } as const
export type Opening = (typeof OPENING)[keyof typeof OPENING]

const LENGTH_IN_16_BITS = 126
const LENGTH_IN_64_BITS = 127

/** One frame but for its head, with which its payload begins: what follows is the same for all sockets that are to get it. */
export class Frame {
  readonly opening: Opening
  readonly headLength: number
  /** What follows the head; null: nothing. */
  readonly body: Uint8Array | null
  /** Of the payload. */
  readonly length: number
  /** Of the frame: with what stands before its payload. */
  readonly size: number

  constructor(opening: Opening, headLength: number, body: Uint8Array | null) {
    this.opening = opening
    this.headLength = headLength
    this.body = body
    this.length = headLength + (body === null ? 0 : body.length)
    this.size = headerLength(this.length) + this.length
  }
}

/** How many bytes stand before a payload of so many bytes. */
export function headerLength(length: number): number {
  if (length < LENGTH_IN_16_BITS) return 2
  return length < 65_536 ? 4 : 10
}

/** Writes what stands before a payload of `length` bytes; returns the offset where the payload begins. */
export function writeHeader(into: Buffer, offset: number, opening: Opening, length: number): number {
  into[offset] = opening
  if (length < LENGTH_IN_16_BITS) {
    into[offset + 1] = length
    return offset + 2
  }
  if (length < 65_536) {
    into[offset + 1] = LENGTH_IN_16_BITS
    return into.writeUInt16BE(length, offset + 2)
  }
  into[offset + 1] = LENGTH_IN_64_BITS
  return into.writeBigUInt64BE(BigInt(length), offset + 2)
}
