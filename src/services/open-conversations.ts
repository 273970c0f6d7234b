/** Which conversations of which tenants somebody here listens to. */
export interface OpenConversations {
  /** The returned function gives the hold back, once. */
  hold(tenantId: string, conversationId: string): () => void
  of(tenantId: string): readonly string[]
  /** How far each member has got with what, as far as anybody here was told; undefined where nobody listens. */
  reached(tenantId: string, conversationId: string): Map<string, number> | undefined
}

interface Open {
  holds: number
  readonly reached: Map<string, number>
}

export function createOpenConversations(): OpenConversations {
  const tenants = new Map<string, Map<string, Open>>()

  function release(tenantId: string, conversationId: string): void {
    const open = tenants.get(tenantId)
    const conversation = open?.get(conversationId)
    if (open === undefined || conversation === undefined) return
    conversation.holds--
    if (conversation.holds === 0) open.delete(conversationId)
    if (open.size === 0) tenants.delete(tenantId)
  }

  return {
    hold(tenantId, conversationId) {
      const open = tenants.get(tenantId) ?? new Map<string, Open>()
      const conversation = open.get(conversationId) ?? { holds: 0, reached: new Map() }
      conversation.holds++
      tenants.set(tenantId, open.set(conversationId, conversation))
      let held = true
      return () => {
        if (held) release(tenantId, conversationId)
        held = false
      }
    },
    of: tenantId => [...(tenants.get(tenantId)?.keys() ?? [])],
    reached: (tenantId, conversationId) => tenants.get(tenantId)?.get(conversationId)?.reached,
  }
}
