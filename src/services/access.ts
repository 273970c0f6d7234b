import { Refusal, RequestError } from '../domain/errors.ts'
import { isId } from '../domain/ids.ts'
import type { ConversationRecord, MemberRecord } from '../domain/records.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { TenantStore } from '../store/store.ts'
import { seenByIds } from './seen.ts'

/**
 * Who may see a conversation, and who may act in it, as of one snapshot: a write that rests on it repeats it as guards of its command.
 */

/** A conversation and what the viewer is in it: null for one who merely sees it because it is PUBLIC. */
export interface Access {
  readonly conversation: ConversationRecord
  readonly membership: MemberRecord | null
}

export interface MemberAccess extends Access {
  readonly membership: MemberRecord
}

const NO_CONVERSATION = 'No such conversation.'
const MEMBERS_ONLY = 'Only members may do this.'

/** Null when there is none that the viewer may see: never made, of another tenant, or not PUBLIC and the viewer no member. */
export async function seen(tenant: TenantStore, viewer: Viewer, conversationId: string): Promise<Access | null> {
  if (!isId(conversationId)) return null
  const [conversation] = await seenByIds(tenant, viewer, [conversationId])
  return conversation ? { conversation, membership: conversation.membership } : null
}

/** For mutations. Throws `Refusal`: NOT_FOUND when the viewer may not see it, FORBIDDEN when the viewer merely sees it. */
export async function member(
  tenant: TenantStore,
  viewer: Viewer,
  conversationId: string,
  field: readonly string[] = ['input', 'conversationId'],
): Promise<MemberAccess> {
  const access = await seen(tenant, viewer, conversationId)
  if (access === null) throw new Refusal('NOT_FOUND', NO_CONVERSATION, field)
  if (access.membership === null) throw new Refusal('FORBIDDEN', MEMBERS_ONLY, field)
  return { conversation: access.conversation, membership: access.membership }
}

/** For subscriptions: as `member`, but it throws `RequestError`. */
export async function listener(tenant: TenantStore, viewer: Viewer, conversationId: string): Promise<MemberAccess> {
  const access = await seen(tenant, viewer, conversationId)
  if (access === null) throw new RequestError('NOT_FOUND', NO_CONVERSATION)
  if (access.membership === null) throw new RequestError('FORBIDDEN', MEMBERS_ONLY)
  return { conversation: access.conversation, membership: access.membership }
}

/** Throws `Refusal` ARCHIVED: what is archived can be read, and takes nothing new. */
export function refuseArchived(
  conversation: ConversationRecord,
  field: readonly string[] = ['input', 'conversationId'],
): void {
  if (conversation.archivedAt !== null) throw new Refusal('ARCHIVED', 'The conversation is archived.', field)
}
