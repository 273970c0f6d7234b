/** A text message of a server as one WebSocket frame (RFC 6455, section 5.2): not fragmented, not compressed, not masked. */

const FIN_AND_TEXT = 0x81
const LENGTH_IN_16_BITS = 126
const LENGTH_IN_64_BITS = 127

/** How many bytes stand before a message of so many bytes. */
export function headerLength(length: number): number {
  if (length < LENGTH_IN_16_BITS) return 2
  return length < 65_536 ? 4 : 10
}

/** Writes what stands before a message of `length` bytes; returns the offset where the message begins. */
export function writeHeader(into: Buffer, offset: number, length: number): number {
  into[offset] = FIN_AND_TEXT
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
