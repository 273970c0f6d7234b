import type { Viewer } from '../domain/viewer.ts'

/** How many connections (WebSockets and event streams) each user has open on this node. */
export interface ConnectionCount {
  /** Counts one more; false when the user has as many as one may. */
  take(viewer: Viewer): boolean
  release(viewer: Viewer): void
}

export function createConnectionCount(max: number): ConnectionCount {
  const tenants = new Map<string, Map<string, number>>()

  return {
    take({ tenantId, userId }) {
      const counts = tenants.get(tenantId) ?? new Map<string, number>()
      const count = counts.get(userId) ?? 0
      if (count >= max) return false
      tenants.set(tenantId, counts.set(userId, count + 1))
      return true
    },
    release({ tenantId, userId }) {
      const counts = tenants.get(tenantId)
      const left = (counts?.get(userId) ?? 0) - 1
      if (left > 0) counts?.set(userId, left)
      else counts?.delete(userId)
      if (counts?.size === 0) tenants.delete(tenantId)
    },
  }
}
