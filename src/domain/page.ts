import { RequestError } from './errors.ts'
import { isId } from './ids.ts'
import { isPlainUnicode } from './text.ts'

/** Which stretch of a list is wanted: the items after a cursor, or those before one. Already validated: 0 ≤ count ≤ 100. */
export interface PageRequest {
  readonly direction: 'forward' | 'backward'
  readonly count: number
  /** What the client's cursor says, of whatever it is made: `cursorKeys` checks it. Null is the list's end. */
  readonly cursor: readonly (string | number)[] | null
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

/** The parts of a list's sort key: a count from 0, an id that the server made, or any text. */
type KeyPart = 'number' | 'id' | 'text'

const CHECKS: Record<KeyPart, (value: string | number) => boolean> = {
  number: value => Number.isSafeInteger(value) && Number(value) >= 0,
  id: value => typeof value === 'string' && isId(value),
  text: value => typeof value === 'string' && isPlainUnicode(value),
}

/**
 * The sort key of the item next to the page, or a null for each part at the list's end. Throws `RequestError` BAD_USER_INPUT when the cursor is
 * none that this list gave out.
 */
export function cursorKeys(page: PageRequest, shape: readonly KeyPart[]): readonly (string | number | null)[] {
  const { cursor } = page
  if (cursor === null) return shape.map(() => null)
  const fits = cursor.length === shape.length && shape.every((part, n) => CHECKS[part](cursor[n] ?? ''))
  if (!fits) throw new RequestError('BAD_USER_INPUT', 'This is no cursor of this list.')
  return cursor
}

/** The page in `found`: items in the direction of the request, read with one more than its count to see whether the list goes on. */
export function pageOf<Item>(found: readonly Item[], page: PageRequest): Page<Item> {
  const items = found.slice(0, page.count)
  const more = found.length > page.count
  const behind = page.cursor !== null
  return page.direction === 'forward'
    ? { items, hasNextPage: more, hasPreviousPage: behind }
    : { items: items.reverse(), hasNextPage: behind, hasPreviousPage: more }
}
