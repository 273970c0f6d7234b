import { Refusal } from '../domain/errors.ts'
import type { CommittedEvent } from '../domain/event.ts'
import type { MemberRecord } from '../domain/records.ts'
import type { Viewer } from '../domain/viewer.ts'
import { command } from '../store/command.ts'
import { addMembers, removeMember, updateMember } from '../store/commands/change-members.ts'
import type { Store, TenantStore } from '../store/store.ts'
import { type MemberAccess, member, refuseArchived, seen } from './access.ts'
import { steward } from './conversations.ts'
import { decide } from './decide.ts'
import { knownUsers } from './people.ts'
import { afterChange, seenByIds } from './seen.ts'
import type { Changed, MemberService } from './services.ts'

export interface MemberDeps {
  readonly store: Store
  readonly limits: { readonly maxConversationMembers: number }
}

const CONVERSATION = ['input', 'conversationId']
const USER = ['input', 'userId']
const ROLE = ['input', 'role']

export function createMemberService({ store, limits }: MemberDeps): MemberService {
  const maxMembers = limits.maxConversationMembers
  const refuseFull = (count: number) => {
    if (count > maxMembers) {
      throw new Refusal('LIMIT_REACHED', `A conversation has at most ${maxMembers} members.`, CONVERSATION)
    }
  }

  return {
    async join(viewer, { conversationId }) {
      const tenant = store.tenant(viewer.tenantId)
      return decide(tenant, async () => {
        const access = await seen(tenant, viewer, conversationId)
        if (access === null) throw new Refusal('NOT_FOUND', 'No such conversation.', CONVERSATION)
        const { conversation, membership } = access
        if (membership !== null) return { answer: { thing: { ...conversation, membership }, position: null } }
        refuseArchived(conversation)
        refuseFull(conversation.memberCount + 1)
        const newcomer = { actorId: viewer.userId, actorRole: null, userIds: [viewer.userId] }
        return {
          command: command(addMembers, { conversationId, ...newcomer, maxMembers }),
          done: ([event]) => afterChange(tenant, viewer, conversation, event ?? conversation.head),
        }
      })
    },

    async leave(viewer, { conversationId }) {
      const tenant = store.tenant(viewer.tenantId)
      return decide(tenant, async () => {
        const access = await member(tenant, viewer, conversationId)
        if (access.conversation.kind === 'DIRECT') {
          throw new Refusal('FORBIDDEN', 'A direct conversation cannot be left.', CONVERSATION)
        }
        // Whoever is alone leaves nobody behind without an owner.
        if (access.conversation.memberCount > 1) await refuseLastOwner(tenant, access.membership, CONVERSATION)
        const { role } = access.membership
        return {
          command: removal(viewer, access, access.membership, role),
          async done({ position, mark }) {
            const [conversation] = await seenByIds(tenant, viewer, [conversationId])
            return { thing: conversation ?? null, position: { position, mark } }
          },
        }
      })
    },

    async add(viewer, { conversationId, userIds }) {
      const tenant = store.tenant(viewer.tenantId)
      return decide(tenant, async () => {
        const { conversation, membership } = await steward(tenant, viewer, conversationId)
        refuseArchived(conversation)
        const people = await knownUsers(tenant, userIds, ['input', 'userIds'])
        const found = await tenant.members.byKeys(people.map(userId => ({ conversationId, userId })))
        const newcomers = people.filter((_, n) => found[n] === undefined)
        if (newcomers.length === 0) return { answer: { thing: { ...conversation, membership }, position: null } }
        refuseFull(conversation.memberCount + newcomers.length)
        const actor = { actorId: viewer.userId, actorRole: membership.role }
        return {
          command: command(addMembers, { conversationId, ...actor, userIds: newcomers, maxMembers }),
          done: events => afterChange(tenant, viewer, conversation, events.at(-1) ?? conversation.head),
        }
      })
    },

    async remove(viewer, { conversationId, userId }) {
      const tenant = store.tenant(viewer.tenantId)
      if (userId === viewer.userId) {
        throw new Refusal('INVALID', 'To go yourself, leave the conversation.', USER)
      }
      return decide(tenant, async () => {
        const access = await steward(tenant, viewer, conversationId)
        const target = await memberNamed(tenant, conversationId, userId)
        if (target.role !== 'MEMBER' && access.membership.role !== 'OWNER') {
          throw new Refusal('FORBIDDEN', 'Only an owner may remove an owner or an admin.', USER)
        }
        await refuseLastOwner(tenant, target, USER)
        return {
          command: removal(viewer, access, target, access.membership.role),
          done: event => afterChange(tenant, viewer, access.conversation, event),
        }
      })
    },

    async update(viewer, { conversationId, userId, role }) {
      const tenant = store.tenant(viewer.tenantId)
      return decide<CommittedEvent, Changed<MemberRecord>>(tenant, async () => {
        const access = await steward(tenant, viewer, conversationId)
        refuseArchived(access.conversation)
        if (access.membership.role !== 'OWNER') {
          throw new Refusal('FORBIDDEN', 'Only an owner may change roles.', CONVERSATION)
        }
        const target = await memberNamed(tenant, conversationId, userId)
        if (target.role === role) return { answer: { thing: target, position: null } }
        await refuseLastOwner(tenant, target, ROLE)
        const people = { actorId: viewer.userId, actorRole: access.membership.role, userId, userRole: target.role }
        return {
          command: command(updateMember, { conversationId, ...people, role }),
          done: ({ position, mark }) => ({ thing: { ...target, role }, position: { position, mark } }),
        }
      })
    },
  }
}

async function memberNamed(tenant: TenantStore, conversationId: string, userId: string): Promise<MemberRecord> {
  const [found] = await tenant.members.byKeys([{ conversationId, userId }])
  if (found === undefined) throw new Refusal('NOT_FOUND', 'No such member.', USER)
  return found
}

/** A conversation that has members has an owner. Throws `Refusal` FORBIDDEN. */
async function refuseLastOwner(tenant: TenantStore, target: MemberRecord, field: readonly string[]): Promise<void> {
  if (target.role !== 'OWNER') return
  if ((await tenant.members.ownerCount(target.conversationId)) > 1) return
  throw new Refusal('FORBIDDEN', 'The last owner must first make another member an owner.', field)
}

function removal(
  viewer: Viewer,
  { conversation }: MemberAccess,
  target: MemberRecord,
  actorRole: MemberRecord['role'],
) {
  return command(removeMember, {
    conversationId: conversation.id,
    actorId: viewer.userId,
    actorRole,
    userId: target.userId,
    userRole: target.role,
  })
}
