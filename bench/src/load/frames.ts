/**
 * WebSocket frames (RFC 6455) as a client reads and writes them, with as little work for each as can be: what measures must cost less than what is
 * measured. Large frames are counted where they lie in the read buffer; only small ones, and those that are asked for, become text.
 */
export interface FrameReader {
  /** Takes what was read. The bytes are used before it returns. */
  read(chunk: Buffer): void
}

export interface FrameListener {
  /** Frames of text with at least so many bytes are given to `large`, all others to `text`. Asked for each frame. */
  largeFrom(): number
  /** A large frame has come to its end. `text` makes its text; undefined where it lay in two reads. */
  large(text: (() => string) | undefined): void
  text(text: string): void
  /** A frame of the protocol's own: ping, pong or close. */
  control(opcode: number, payload: Buffer): void
}

const TEXT = 1

export function createFrameReader(listener: FrameListener): FrameReader {
  /** The start of a frame whose header, or whose small payload, lay in two reads. */
  let rest: Buffer | undefined
  /** What is still to come of a large frame. */
  let skip = 0

  /** Reads the frame at `start`; returns where the next one begins, or -1 when it is not all there and is to be kept. */
  function frame(chunk: Buffer, start: number): number {
    const header = headerOf(chunk, start)
    if (header === undefined) return -1
    const { opcode, length } = header
    const from = start + header.bytes
    const to = from + length
    if (opcode === TEXT && length >= listener.largeFrom()) {
      if (to > chunk.length) {
        skip = to - chunk.length
        return chunk.length
      }
      listener.large(() => chunk.toString('utf8', from, to))
      return to
    }
    if (to > chunk.length) return -1
    if (opcode === TEXT) listener.text(chunk.toString('utf8', from, to))
    else listener.control(opcode, Buffer.from(chunk.subarray(from, to)))
    return to
  }

  return {
    read(given) {
      let chunk = given
      let at = 0
      if (rest !== undefined) {
        chunk = Buffer.concat([rest, given])
        rest = undefined
      } else if (skip > 0) {
        if (skip > given.length) {
          skip -= given.length
          return
        }
        at = skip
        skip = 0
        listener.large(undefined)
      }
      while (at < chunk.length) {
        const next = frame(chunk, at)
        if (next < 0) {
          rest = Buffer.from(chunk.subarray(at))
          return
        }
        at = next
      }
    },
  }
}

function headerOf(chunk: Buffer, at: number) {
  const [first, second] = [chunk[at], chunk[at + 1]]
  if (first === undefined || second === undefined) return undefined
  const opcode = first & 0x0f
  if (second < 126) return { opcode, bytes: 2, length: second }
  const bytes = second === 126 ? 4 : 10
  if (chunk.length < at + bytes) return undefined
  const length = second === 126 ? chunk.readUInt16BE(at + 2) : Number(chunk.readBigUInt64BE(at + 2))
  return { opcode, bytes, length }
}

/**
 * One frame of a client. Clients must mask what they send; a key of zeros is a mask that changes nothing, and saves the load the work without saving the
 * server any.
 */
export function clientFrame(payload: string | Buffer, opcode = TEXT): Buffer {
  const length = Buffer.byteLength(payload)
  const bytes = length < 126 ? 6 : length < 65_536 ? 8 : 14
  const frame = Buffer.allocUnsafe(bytes + length)
  frame[0] = 0x80 | opcode
  if (bytes === 6) frame[1] = 0x80 | length
  else if (bytes === 8) {
    frame[1] = 0x80 | 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 0x80 | 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.writeUInt32BE(0, bytes - 4)
  if (typeof payload === 'string') frame.write(payload, bytes)
  else payload.copy(frame, bytes)
  return frame
}
