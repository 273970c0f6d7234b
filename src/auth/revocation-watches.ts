import { type Revocation, type RevocationTarget, takesBack, targetsOf } from '../domain/revocation.ts'
import type { Viewer } from '../domain/viewer.ts'

interface Watch {
  readonly viewer: Viewer
  readonly onRevoked: () => void
  isOn: boolean
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
  /** A user or a token has few sessions, and most have one: so they are lists that are copied at each change, which no container is as small as. */
  const byTarget = { user: new Map<string, readonly Watch[]>(), token: new Map<string, readonly Watch[]>() }
  let size = 0

  const found = ({ scope, id }: RevocationTarget): readonly Watch[] => byTarget[scope].get(id) ?? []

  function put({ scope, id }: RevocationTarget, watches: readonly Watch[]): void {
    if (watches.length > 0) byTarget[scope].set(id, watches)
    else byTarget[scope].delete(id)
  }

  function remove(watch: Watch): boolean {
    if (!watch.isOn) return false
    watch.isOn = false
    size--
    for (const target of targetsOf(watch.viewer))
      put(
        target,
        found(target).filter(each => each !== watch),
      )
    return true
  }

  return {
    add(viewer, onRevoked) {
      const watch: Watch = { viewer, onRevoked, isOn: true }
      size++
      for (const target of targetsOf(viewer)) put(target, found(target).concat(watch))
      return () => remove(watch)
    },
    end(revocation) {
      for (const watch of found(revocation)) {
        if (takesBack(revocation, watch.viewer) && remove(watch)) watch.onRevoked()
      }
    },
    get size() {
      return size
    },
  }
}
