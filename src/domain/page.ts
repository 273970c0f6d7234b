/** Which stretch of a list is wanted: `first` items after a cursor, or `last` items before one. Already validated: 0 ≤ count ≤ 100. */
export interface PageRequest {
  readonly direction: 'forward' | 'backward'
  readonly count: number
  /** The opaque cursor's content: the sort key of the item next to the stretch; null is the list's end. */
  readonly cursor: readonly (string | number)[] | null
}

export interface Page<Item> {
  readonly items: readonly Item[]
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}
