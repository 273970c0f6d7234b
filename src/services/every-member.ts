import type { MemberRecord } from '../domain/records.ts'
import type { TenantStore } from '../store/store.ts'

/** How many members one read brings. */
const CHUNK = 1_000

/** The conversation's current members in the order of their ids. Not one snapshot where they are more than one read brings. */
export async function everyMember(tenant: TenantStore, conversationId: string): Promise<readonly MemberRecord[]> {
  const members: MemberRecord[] = []
  for (let more = true; more; ) {
    const last = members.at(-1)
    const cursor = last === undefined ? null : [last.userId]
    const page = await tenant.members.ofConversation(conversationId, { direction: 'forward', count: CHUNK, cursor })
    members.push(...page.items)
    more = page.hasNextPage
  }
  return members
}
