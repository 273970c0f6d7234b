import type { Viewer } from '../domain/viewer.ts'

/** How many connections (WebSockets and event streams) each user has open on this node. */
export interface ConnectionCount {
  /** Counts one more; false when the user has as many as one may. */
  take(viewer: Viewer): boolean
  release(viewer: Viewer): void
}

export function createConnectionCount(max: number): ConnectionCount {
  const counts = new Map<string, number>()

  return {
    take(viewer) {
      const key = keyOf(viewer)
      const count = counts.get(key) ?? 0
      if (count >= max) return false
      counts.set(key, count + 1)
      return true
    },
    release(viewer) {
      const key = keyOf(viewer)
      const left = (counts.get(key) ?? 0) - 1
      if (left > 0) counts.set(key, left)
      else counts.delete(key)
    },
  }
}

function keyOf({ tenantId, userId }: Viewer): string {
  return JSON.stringify([tenantId, userId])
}
