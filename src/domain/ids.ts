import { v7 } from 'uuid'

const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Makes the ids of conversations, messages and signals. */
export type NewId = () => string

/** UUID version 7 (RFC 9562): random, and rising with time so that index pages fill in order. */
export const newId: NewId = () => v7()

/** Whether a client's text could be an id that `newId` made. Anything else is an id that never existed. */
export function isId(text: string): boolean {
  return SHAPE.test(text)
}
