import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'

const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Makes the ids of conversations, messages and signals. */
export type NewId = () => string

/** UUID version 7 (RFC 9562): random, and rising with time, to the millisecond, so that index pages fill in order. */
export const newId: NewId = () => v7({ random: randomBytes() })

const BYTES = 16
/** Random bytes for 256 ids: asked for each few of them, the system's random source takes most of the time that an id takes. */
const pool = new Uint8Array(BYTES * 256)
let used = pool.length

function randomBytes(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += BYTES
  return pool.subarray(used - BYTES, used)
}

/** Whether a client's text could be an id that `newId` made. Anything else is an id that never existed. */
export function isId(text: string): boolean {
  return SHAPE.test(text)
}

const NO_ID = '00000000-0000-0000-0000-000000000000'

/** The id, or one that never exists where the text is ill-formed: what is looked up with it is not found, as any other id that never was. */
export function storableId(text: string): string {
  return isId(text) ? text : NO_ID
}
