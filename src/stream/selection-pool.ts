import type { Selection } from './selection.ts'

/** One selection for all that have an equal key, so that a fold can know it by identity and a thousand listeners keep one document. */
export interface SelectionPool<Source> {
  /** Each `take` is to be followed by one `release` of what it returned. */
  take(selection: Selection<Source>): Selection<Source>
  release(selection: Selection<Source>): void
}

export function createSelectionPool<Source>(): SelectionPool<Source> {
  const pool = new Map<string, { readonly selection: Selection<Source>; users: number }>()
  return {
    take(selection) {
      const known = pool.get(selection.key)
      if (known !== undefined) {
        known.users++
        return known.selection
      }
      pool.set(selection.key, { selection, users: 1 })
      return selection
    },
    release({ key }) {
      const known = pool.get(key)
      if (known !== undefined && --known.users === 0) pool.delete(key)
    },
  }
}
