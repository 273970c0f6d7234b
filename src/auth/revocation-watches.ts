import { type Revocation, type RevocationTarget, takesBack, targetsOf } from '../domain/revocation.ts'
import type { Viewer } from '../domain/viewer.ts'

interface Watch {
  readonly viewer: Viewer
  readonly onRevoked: () => void
}

/** The open sessions of one tenant, found by what could end them. */
export interface RevocationWatches {
  /** Calls `onRevoked`, which never throws, at most once. The returned function ends the watch, and says whether it was still on. */
  add(viewer: Viewer, onRevoked: () => void): () => boolean
  /** Tells every session whose token is taken back, and forgets it. */
  end(revocation: Revocation): void
  readonly size: number
}

export function createRevocationWatches(): RevocationWatches {
  const all = new Set<Watch>()
  const byTarget = new Map<string, Set<Watch>>()

  function remove(watch: Watch): boolean {
    if (!all.delete(watch)) return false
    for (const key of targetsOf(watch.viewer).map(keyOf)) {
      const watches = byTarget.get(key)
      watches?.delete(watch)
      if (watches?.size === 0) byTarget.delete(key)
    }
    return true
  }

  return {
    add(viewer, onRevoked) {
      const watch: Watch = { viewer, onRevoked }
      all.add(watch)
      for (const key of targetsOf(viewer).map(keyOf)) {
        byTarget.set(key, (byTarget.get(key) ?? new Set()).add(watch))
      }
      return () => remove(watch)
    },
    end(revocation) {
      for (const watch of [...(byTarget.get(keyOf(revocation)) ?? [])]) {
        if (!takesBack(revocation, watch.viewer)) continue
        remove(watch)
        watch.onRevoked()
      }
    },
    get size() {
      return all.size
    },
  }
}

function keyOf({ scope, id }: RevocationTarget): string {
  return JSON.stringify([scope, id])
}
