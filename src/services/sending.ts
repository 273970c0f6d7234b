import { Refusal } from '../domain/errors.ts'
import { type NewId, storableId } from '../domain/ids.ts'
import type { MessageRecord } from '../domain/records.ts'
import type { Viewer } from '../domain/viewer.ts'
import { command } from '../store/command.ts'
import { createConversation } from '../store/commands/create-conversation.ts'
import { type SendMessageInput, type SendMessageResult, toSend } from '../store/commands/send-message.ts'
import { directKey } from '../store/conversations.ts'
import type { MessageKey, Store, TenantStore } from '../store/store.ts'
import { member, refuseArchived } from './access.ts'
import { type Decision, decide } from './decide.ts'
import { checkKey, inputHash, sameInput } from './input-hash.ts'
import { distinctUsers, knownUsers, together } from './people.ts'
import type { Changed, MessageInput, MessageService } from './services.ts'

interface SendingDeps {
  readonly store: Store
  readonly newId: NewId
  readonly limits: { readonly maxConversationMembers: number }
}

const KEY = ['input', 'clientMessageId']
const PEOPLE = ['input', 'userIds']

/**
 * Sending. The plain case costs one trip to the database: its rules are guards of the command, and only when one of them fails is the state read to
 * say which.
 */
export function createSending(
  { store, newId, limits }: SendingDeps,
  checkMessage: (input: MessageInput) => void,
): Pick<MessageService, 'send' | 'sendDirect'> {
  function checked(viewer: Viewer, input: MessageInput): { tenant: TenantStore; draft: Draft } {
    checkKey(input.clientMessageId, KEY)
    checkMessage(input)
    const draft = {
      messageId: newId(),
      senderId: viewer.userId,
      content: input.content,
      metadata: input.metadata ?? null,
      mentions: distinctUsers(input.mentions ?? [], ['input', 'mentions']),
      replyToId: input.replyToId == null ? null : storableId(input.replyToId),
      clientMessageId: input.clientMessageId,
    }
    return { tenant: store.tenant(viewer.tenantId), draft }
  }

  return {
    async send(viewer, input) {
      const { tenant, draft } = checked(viewer, input)
      const hash = inputHash('sendMessage', { conversationId: input.conversationId, ...said(input) })
      return submit(tenant, viewer, { ...draft, conversationId: storableId(input.conversationId), inputHash: hash })
    },

    async sendDirect(viewer, input) {
      const { tenant, draft } = checked(viewer, input)
      const named = distinctUsers(input.userIds, PEOPLE)
      const asked = [...new Set([viewer.userId, ...named])].toSorted()
      const hash = inputHash('sendDirectMessage', { userIds: asked, ...said(input) })
      const known = await tenant.messages.byKey(viewer.userId, input.clientMessageId)
      if (known !== undefined) return original(tenant, known, hash)
      if (named.length === 0) throw new Refusal('INVALID', 'Name at least one user.', PEOPLE)
      const others = await knownUsers(tenant, named, PEOPLE)
      const people = together(viewer, others, 'DIRECT', limits.maxConversationMembers, PEOPLE)
      const found = await tenant.conversations.directOf(people)
      if (found === undefined) refuseInNew(draft, people)
      const conversationId = found?.id ?? (await makeDirect(tenant, viewer, people, newId()))
      return submit(tenant, viewer, { ...draft, conversationId, inputHash: hash })
    },
  }
}

type Draft = Omit<SendMessageInput, 'conversationId' | 'inputHash'>

function said({ content, replyToId, mentions, metadata }: MessageInput) {
  return { content, replyToId: replyToId ?? null, mentions: mentions ?? null, metadata: metadata ?? null }
}

async function submit(tenant: TenantStore, viewer: Viewer, input: SendMessageInput): Promise<Changed<MessageRecord>> {
  let refused = false
  return decide(tenant, async (): Promise<Decision<SendMessageResult, Changed<MessageRecord>>> => {
    if (refused) await explain(tenant, viewer, input)
    refused = true
    return {
      command: toSend(input),
      done: result =>
        result.type === 'sent'
          ? { thing: result.message, position: result.position }
          : original(tenant, result, input.inputHash),
    }
  })
}

/** Throws the `Refusal` for the guard of a send that failed; returns when all of them hold again. */
async function explain(tenant: TenantStore, viewer: Viewer, input: SendMessageInput): Promise<void> {
  const { conversationId, replyToId, mentions } = input
  refuseArchived((await member(tenant, viewer, conversationId)).conversation)
  if (replyToId !== null) {
    const [target] = await tenant.messages.byIds([replyToId])
    if (target?.conversationId !== conversationId) throw notHere()
  }
  const mentioned = await tenant.members.byKeys(mentions.map(userId => ({ conversationId, userId })))
  if (mentioned.includes(undefined)) throw notAmongThem()
}

/** As `explain`, of a DIRECT conversation that is yet to be made: a refused message must not leave an empty one behind. */
function refuseInNew({ replyToId, mentions }: Draft, people: readonly string[]): void {
  if (replyToId !== null) throw notHere()
  if (!mentions.every(userId => people.includes(userId))) throw notAmongThem()
}

function notHere(): Refusal {
  return new Refusal('NOT_FOUND', 'No such message in this conversation.', ['input', 'replyToId'])
}

function notAmongThem(): Refusal {
  return new Refusal('NOT_FOUND', 'Only members can be mentioned.', ['input', 'mentions'])
}

/** What the key made the first time, as it is now. */
async function original(tenant: TenantStore, known: MessageKey, hash: string): Promise<Changed<MessageRecord>> {
  sameInput(known.inputHash, hash, KEY)
  const [message] = await tenant.messages.byIds([known.messageId])
  if (message === undefined) throw new Refusal('NOT_FOUND', 'The original is no longer kept.', KEY)
  const { events } = await tenant.log.after(message.position - 1, 1)
  const event = events.find(({ position }) => position === message.position)
  return { thing: message, position: event === undefined ? null : { position: event.position, mark: event.mark } }
}

/** The id of the DIRECT conversation of these people, who may have got one meanwhile: however often and at once it is asked for, one. */
async function makeDirect(
  tenant: TenantStore,
  viewer: Viewer,
  people: readonly string[],
  conversationId: string,
): Promise<string> {
  const input = {
    conversationId,
    kind: 'DIRECT' as const,
    title: null,
    metadata: null,
    creatorId: viewer.userId,
    members: people.map(userId => ({ userId, role: 'MEMBER' as const })),
    directKey: directKey(people),
    idempotencyKey: null,
    inputHash: '',
  }
  return decide(tenant, async () => ({
    command: command(createConversation, input),
    done: result => (result.type === 'created' ? conversationId : result.conversationId),
  }))
}
