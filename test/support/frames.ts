import { expect } from 'vitest'

/** The messages in a buffer of frames, read as RFC 6455 says. */
export function messagesIn(buffer: Buffer): readonly string[] {
  const messages: string[] = []
  let fragments: Buffer[] = []
  for (let offset = 0; offset < buffer.length; ) {
    const opening = buffer.readUInt8(offset)
    // Opcode 1 begins a message and 0 continues it; the highest bit ends it.
    expect(opening & 0x7f).toBe(fragments.length === 0 ? 1 : 0)
    const short = buffer.readUInt8(offset + 1)
    const [length, start] =
      short < 126
        ? [short, offset + 2]
        : short === 126
          ? [buffer.readUInt16BE(offset + 2), offset + 4]
          : [Number(buffer.readBigUInt64BE(offset + 2)), offset + 10]
    expect(length).toBeLessThanOrEqual(65_536)
    fragments.push(buffer.subarray(start, start + length))
    offset = start + length
    if (opening < 0x80) continue
    messages.push(Buffer.concat(fragments).toString())
    fragments = []
  }
  expect(fragments).toEqual([])
  return messages
}
