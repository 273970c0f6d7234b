import { Refusal } from '../domain/errors.ts'
import type { NewId } from '../domain/ids.ts'
import { checkJson, type Json } from '../domain/json.ts'
import type { MemberRole } from '../domain/records.ts'
import { checkText } from '../domain/text.ts'
import type { Viewer } from '../domain/viewer.ts'
import { command } from '../store/command.ts'
import { archiveConversation, updateConversation } from '../store/commands/change-conversation.ts'
import { type CreateConversationInput, createConversation } from '../store/commands/create-conversation.ts'
import { directKey } from '../store/conversations.ts'
import type { Store, TenantStore } from '../store/store.ts'
import { type MemberAccess, member, refuseArchived } from './access.ts'
import { decide } from './decide.ts'
import { checkKey, inputHash, sameInput } from './input-hash.ts'
import { knownUsers, together } from './people.ts'
import { afterChange, seenByIds, shown } from './seen.ts'
import type { ConversationService } from './services.ts'

export interface ConversationDeps {
  readonly store: Store
  readonly newId: NewId
  readonly limits: { readonly maxMetadataBytes: number; readonly maxConversationMembers: number }
}

/** The longest title, in code points. */
const TITLE_MAX = 200
const KEY = ['input', 'idempotencyKey']
const CONVERSATION = ['input', 'conversationId']

type CreateInput = Parameters<ConversationService['create']>[1]

export function createConversationService({ store, newId, limits }: ConversationDeps): ConversationService {
  function checkDetails(title: string | null | undefined, metadata: Json | undefined): void {
    if (title != null) checkText(title, { max: TITLE_MAX, field: ['input', 'title'], controls: 'refuse' })
    if (metadata !== undefined) {
      checkJson(metadata, { maxBytes: limits.maxMetadataBytes, field: ['input', 'metadata'] })
    }
  }

  return {
    async create(viewer, input) {
      checkDetails(input.title, input.metadata)
      if (input.idempotencyKey != null) checkKey(input.idempotencyKey, KEY)
      const tenant = store.tenant(viewer.tenantId)
      const others = await knownUsers(tenant, input.memberIds ?? [], ['input', 'memberIds'])
      const people = together(viewer, others, input.kind, limits.maxConversationMembers, ['input', 'memberIds'])
      const draft = newConversation(viewer, input, others, people, newId())
      return decide(tenant, async () => ({
        command: command(createConversation, draft),
        async done(result) {
          if (result.type === 'created') {
            const { position, mark } = result.event
            return { thing: await shown(tenant, viewer, draft.conversationId), position: { position, mark } }
          }
          if (result.type === 'known') sameInput(result.inputHash, draft.inputHash, KEY)
          return { thing: await shown(tenant, viewer, result.conversationId), position: null }
        },
      }))
    },

    async update(viewer, { conversationId, title, metadata }) {
      checkDetails(title, metadata)
      const tenant = store.tenant(viewer.tenantId)
      return decide(tenant, async () => {
        const { conversation, membership } = await steward(tenant, viewer, conversationId)
        refuseArchived(conversation)
        const actor = { actorId: viewer.userId, actorRole: membership.role }
        if (title === undefined && metadata === undefined) {
          return { answer: { thing: { ...conversation, membership }, position: null } }
        }
        return {
          command: command(updateConversation, { conversationId, ...actor, title, metadata }),
          done: event => afterChange(tenant, viewer, conversation, event),
        }
      })
    },

    async archive(viewer, { conversationId, archived }) {
      const tenant = store.tenant(viewer.tenantId)
      return decide(tenant, async () => {
        const { conversation, membership } = await steward(tenant, viewer, conversationId)
        if ((conversation.archivedAt !== null) === archived) {
          return { answer: { thing: { ...conversation, membership }, position: null } }
        }
        const actor = { actorId: viewer.userId, actorRole: membership.role }
        return {
          command: command(archiveConversation, { conversationId, ...actor, archived }),
          done: event => afterChange(tenant, viewer, conversation, event),
        }
      })
    },

    byIds: (viewer, ids) => seenByIds(store.tenant(viewer.tenantId), viewer, ids),

    list: (viewer, page) => store.tenant(viewer.tenantId).conversations.ofUser(viewer.userId, page),

    listPublic: (viewer, page) => store.tenant(viewer.tenantId).conversations.public(viewer.userId, page),
  }
}

/** An owner or admin. Throws `Refusal`: as `member`, and FORBIDDEN for anyone else and for every DIRECT conversation. */
export async function steward(tenant: TenantStore, viewer: Viewer, conversationId: string): Promise<MemberAccess> {
  const access = await member(tenant, viewer, conversationId)
  if (access.conversation.kind === 'DIRECT') {
    throw new Refusal('FORBIDDEN', 'A direct conversation cannot be changed.', CONVERSATION)
  }
  if (access.membership.role === 'MEMBER') {
    throw new Refusal('FORBIDDEN', 'Only an owner or an admin may do this.', CONVERSATION)
  }
  return access
}

function newConversation(
  viewer: Viewer,
  input: CreateInput,
  others: readonly string[],
  people: readonly string[],
  conversationId: string,
): CreateConversationInput {
  const { kind } = input
  const direct = kind === 'DIRECT'
  if (direct) checkDirect(input, people)
  const creatorRole: MemberRole = direct ? 'MEMBER' : 'OWNER'
  const title = input.title ?? null
  const metadata = input.metadata ?? null
  return {
    conversationId,
    kind,
    title,
    metadata,
    creatorId: viewer.userId,
    members: people.map(userId => ({ userId, role: userId === viewer.userId ? creatorRole : 'MEMBER' })),
    directKey: direct ? directKey(people) : null,
    idempotencyKey: input.idempotencyKey ?? null,
    inputHash: inputHash('createConversation', { kind, title, metadata, memberIds: others.toSorted() }),
  }
}

function checkDirect(input: CreateInput, people: readonly string[]): void {
  if (input.title != null) throw new Refusal('INVALID', 'A direct conversation has no title.', ['input', 'title'])
  if (people.length === 1 && !input.memberIds?.length) {
    throw new Refusal('INVALID', 'Name at least one user.', ['input', 'memberIds'])
  }
}
