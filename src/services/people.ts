import { Refusal } from '../domain/errors.ts'
import type { ConversationKind } from '../domain/records.ts'
import { isPlainUnicode } from '../domain/text.ts'
import type { Viewer } from '../domain/viewer.ts'
import type { TenantStore } from '../store/store.ts'

/** How many users one call may name. */
const PEOPLE_MAX = 100

/** The most people of one DIRECT conversation, the viewer included. */
const DIRECT_MAX = 20

/** Each once, in order. Throws `Refusal`: LIMIT_REACHED above 100, NOT_FOUND when one is no user of the tenant. */
export async function knownUsers(
  tenant: TenantStore,
  userIds: readonly string[],
  field: readonly string[],
): Promise<readonly string[]> {
  const distinct = distinctUsers(userIds, field)
  if (distinct.length === 0) return distinct
  const users = await tenant.users.byIds(distinct)
  if (users.includes(undefined)) throw new Refusal('NOT_FOUND', 'No such user.', field)
  return distinct
}

/** Each once, in order, and '' (nobody's id) for what no store could hold. Throws `Refusal` LIMIT_REACHED above 100. */
export function distinctUsers(userIds: readonly string[], field: readonly string[]): readonly string[] {
  const distinct = [...new Set(userIds.map(storableUser))]
  if (distinct.length > PEOPLE_MAX) {
    throw new Refusal('LIMIT_REACHED', `At most ${PEOPLE_MAX} users may be named at once.`, field)
  }
  return distinct
}

/** Whom a new conversation begins with: the viewer, then the others, each once. Throws `Refusal` LIMIT_REACHED when there are too many. */
export function together(
  viewer: Viewer,
  others: readonly string[],
  kind: ConversationKind,
  maxMembers: number,
  field: readonly string[],
): readonly string[] {
  const people = [...new Set([viewer.userId, ...others])]
  const max = kind === 'DIRECT' ? Math.min(DIRECT_MAX, maxMembers) : maxMembers
  if (people.length > max) {
    const what = kind === 'DIRECT' ? 'direct conversation' : 'conversation'
    throw new Refusal('LIMIT_REACHED', `A ${what} has at most ${max} members.`, field)
  }
  return people
}

/** The id, or '' where it is text that no token can carry: nobody has it, as any other id that never was. */
function storableUser(userId: string): string {
  return isPlainUnicode(userId) ? userId : ''
}
