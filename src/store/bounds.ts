/**
 * The keys that a page lies between, for `key > $low AND key < $high`: an index then begins at the page. With `$n IS NULL OR key > $n` a plan that is made
 * for all values begins at the end of the list, however far away the page is.
 */
export function boundsOf(
  order: 'ASC' | 'DESC',
  key: Key | null | undefined,
  ends: readonly [Key, Key],
): readonly Key[] {
  const [lowest, highest] = ends
  return order === 'ASC' ? [key ?? lowest, highest] : [lowest, key ?? highest]
}

/** Beyond every id that the server makes. */
export const ID_ENDS = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'] as const

/** Beyond every id of a user, which has from 1 to 255 code points, in the order of bytes. */
export const USER_ID_ENDS = ['', '\u{10ffff}'.repeat(256)] as const

type Key = string | number
