import { Refusal } from '../domain/errors.ts'
import type { Cursor } from '../domain/position.ts'
import type { ConversationRecord } from '../domain/records.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { TenantStore } from '../store/store.ts'
import type { Changed, SeenConversation } from './services.ts'

/** Those that the viewer may see, with the viewer's membership, in the order of the ids; undefined for every other. */
export async function seenByIds(
  tenant: TenantStore,
  viewer: Viewer,
  ids: readonly string[],
): Promise<readonly (SeenConversation | undefined)[]> {
  const found = await tenant.conversations.byIdsOfUser(viewer.userId, ids)
  return found.map(each => (each && (each.membership !== null || each.kind === 'PUBLIC') ? each : undefined))
}

/** Throws `Refusal` NOT_FOUND when the viewer may not see it (any more). */
export async function shown(tenant: TenantStore, viewer: Viewer, conversationId: string): Promise<SeenConversation> {
  const [conversation] = await seenByIds(tenant, viewer, [conversationId])
  if (conversation === undefined) throw new Refusal('NOT_FOUND', 'No such conversation.')
  return conversation
}

/**
 * The conversation as it is after a change of the viewer's, and the change's place. A viewer who lost sight of it meanwhile has changed it all the
 * same, and is shown of `before` what a non-member may see.
 */
export async function afterChange(
  tenant: TenantStore,
  viewer: Viewer,
  before: ConversationRecord,
  { position, mark }: Cursor,
): Promise<Changed<SeenConversation>> {
  const [conversation] = await seenByIds(tenant, viewer, [before.id])
  return { thing: conversation ?? { ...before, membership: null }, position: { position, mark } }
}
