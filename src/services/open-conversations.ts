/** Which conversations of which tenants somebody here listens to. */
export interface OpenConversations {
  /** The returned function gives the hold back, once. */
  hold(tenantId: string, conversationId: string): () => void
  of(tenantId: string): readonly string[]
}

export function createOpenConversations(): OpenConversations {
  const tenants = new Map<string, Map<string, number>>()

  function release(tenantId: string, conversationId: string): void {
    const holds = tenants.get(tenantId)
    const left = (holds?.get(conversationId) ?? 0) - 1
    if (left > 0) holds?.set(conversationId, left)
    else holds?.delete(conversationId)
    if (holds?.size === 0) tenants.delete(tenantId)
  }

  return {
    hold(tenantId, conversationId) {
      const holds = tenants.get(tenantId) ?? new Map<string, number>()
      tenants.set(tenantId, holds.set(conversationId, (holds.get(conversationId) ?? 0) + 1))
      let held = true
      return () => {
        if (held) release(tenantId, conversationId)
        held = false
      }
    },
    of: tenantId => [...(tenants.get(tenantId)?.keys() ?? [])],
  }
}
