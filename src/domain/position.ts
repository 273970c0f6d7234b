/**
 * A place in a tenant's log, and proof that it is this log: `mark` is the 64 random bits of the event at `position`, so a cursor of a restored
 * or copied-back database is told apart from one of this history. Position 0 is the place before the first event.
 */
export interface Cursor {
  readonly position: number
  /** Signed, as Postgres' bigint holds it. */
  readonly mark: bigint
}

const VERSION = 1
const BYTES = 17
const SHAPE = /^[A-Za-z0-9_-]{23}$/

/** The opaque text that clients keep: base64url of a version byte, the position and the mark (8 bytes each, big-endian). 23 characters. */
export function encodeCursor(cursor: Cursor): string {
  const bytes = Buffer.allocUnsafe(BYTES)
  bytes.writeUInt8(VERSION, 0)
  bytes.writeBigUInt64BE(BigInt(cursor.position), 1)
  bytes.writeBigInt64BE(cursor.mark, 9)
  return bytes.toString('base64url')
}

/** The cursor in `text`, or undefined when it is none that a server could have given out. */
export function decodeCursor(text: string): Cursor | undefined {
  if (!SHAPE.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== BYTES || bytes.readUInt8(0) !== VERSION || bytes.toString('base64url') !== text) return undefined
  const position = bytes.readBigUInt64BE(1)
  if (position > BigInt(Number.MAX_SAFE_INTEGER)) return undefined
  return { position: Number(position), mark: bytes.readBigInt64BE(9) }
}
