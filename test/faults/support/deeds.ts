import fc from 'fast-check'
import type { Actor } from './actor.ts'

/** A mutation to be tried, with numbers in the place of what exists only when it is its turn. */
export interface Deed {
  readonly what: keyof typeof DEEDS
  readonly which: number
  readonly whom: number
  readonly word: string
  readonly waitMs: number
}

/** What the actors of one tenant have made so far. */
export interface Made {
  readonly users: readonly string[]
  readonly conversations: string[]
  readonly messages: { readonly id: string; readonly senderId: string }[]
}

type Choose = {
  readonly conversationId: string
  readonly messageId: string
  readonly userId: string
  readonly word: string
  readonly n: number
}

interface Kind {
  /** How often, beside the others. */
  readonly weight: number
  readonly field: string
  /** The input; what is not given is chosen by the deed's numbers. */
  readonly input: (choose: Choose) => object
}

const ROLES = ['OWNER', 'ADMIN', 'MEMBER']

/** Every durable mutation of the contract, and receipts. */
export const DEEDS = {
  send: {
    weight: 10,
    field: 'sendMessage',
    input: ({ conversationId, messageId, userId, word, n }) => ({
      conversationId,
      content: word,
      clientMessageId: `${word} ${n}`,
      ...(n % 3 === 0 && { metadata: { n } }),
      ...(n % 5 === 0 && { mentions: [userId] }),
      ...(n % 7 === 0 && { replyToId: messageId }),
    }),
  },
  direct: {
    weight: 2,
    field: 'sendDirectMessage',
    input: ({ userId, word, n }) => ({ userIds: [userId], content: word, clientMessageId: `direct ${word} ${n}` }),
  },
  edit: { weight: 6, field: 'editMessage', input: ({ messageId, word }) => ({ messageId, content: `edited ${word}` }) },
  delete: { weight: 3, field: 'deleteMessage', input: ({ messageId }) => ({ messageId }) },
  create: {
    weight: 1,
    field: 'createConversation',
    input: ({ userId, word, n }) => ({
      kind: n % 2 === 0 ? 'PUBLIC' : 'GROUP',
      title: word,
      memberIds: n % 3 === 0 ? [] : [userId],
      metadata: { n },
    }),
  },
  update: {
    weight: 2,
    field: 'updateConversation',
    input: ({ conversationId, word, n }) => ({
      conversationId,
      ...(n % 2 === 0 ? { title: word } : { metadata: { word } }),
    }),
  },
  archive: {
    weight: 1,
    field: 'archiveConversation',
    // More often out of the archive than into it, lest nothing go on.
    input: ({ conversationId, n }) => ({ conversationId, archived: n % 3 === 0 }),
  },
  join: { weight: 4, field: 'joinConversation', input: ({ conversationId }) => ({ conversationId }) },
  leave: { weight: 1, field: 'leaveConversation', input: ({ conversationId }) => ({ conversationId }) },
  add: {
    weight: 5,
    field: 'addMembers',
    input: ({ conversationId, userId }) => ({ conversationId, userIds: [userId] }),
  },
  remove: { weight: 2, field: 'removeMember', input: ({ conversationId, userId }) => ({ conversationId, userId }) },
  role: {
    weight: 2,
    field: 'updateMember',
    input: ({ conversationId, userId, n }) => ({ conversationId, userId, role: ROLES[n % ROLES.length] }),
  },
  delivered: { weight: 2, field: 'markDelivered', input: ({ messageId }) => ({ messageId }) },
  read: { weight: 3, field: 'markRead', input: ({ messageId }) => ({ messageId }) },
  failed: {
    weight: 2,
    field: 'reportDeliveryFailure',
    input: ({ messageId, word }) => ({ messageId, reason: word }),
  },
} as const satisfies Record<string, Kind>

const KINDS: Readonly<Record<Deed['what'], Kind>> = DEEDS

const nameOfDeed = fc.oneof(
  ...Object.keys(DEEDS).map(name => {
    const what = name as Deed['what']
    return { arbitrary: fc.constant(what), weight: KINDS[what].weight }
  }),
)

export const anyDeed: fc.Arbitrary<Deed> = fc.record({
  what: nameOfDeed,
  which: fc.nat(),
  whom: fc.nat(),
  word: fc
    .string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...'abcdefgh äß漢🙂'.split(/(?:)/u)) })
    .map(text => text.trim() || 'x'),
  waitMs: fc.nat({ max: 12 }),
})

/** What became of a deed: done, refused with a code, or nobody knows because the answer did not come. */
export type Outcome = 'done' | 'unknown' | `refused ${string}`

interface Shown {
  readonly id: string
  readonly conversationId: string
  readonly sender: { readonly id: string }
}

interface Payload {
  readonly userErrors: readonly { readonly code: string }[]
  readonly message?: Shown | null
  readonly conversation?: { readonly id: string } | null
}

export async function perform(actor: Actor, { what, which, whom, word }: Deed, made: Made): Promise<Outcome> {
  const { field, input } = KINDS[what]
  const pick = (list: readonly string[], n: number) => list[n % list.length] ?? 'none'
  // Mostly an own one, lest most edits be refused; and rather a new one, which others are just being told of.
  const messages = made.messages.filter(({ senderId }) => senderId === actor.id || whom % 4 === 0).slice(-30)
  const choose = {
    conversationId: pick(made.conversations, which),
    messageId: pick(
      messages.map(({ id }) => id),
      which,
    ),
    userId: pick(made.users, whom),
    word,
    n: which,
  }
  try {
    const answer = await actor.ask<Record<string, Payload>>(mutationOf(field), { input: input(choose) })
    const payload = answer[field]
    const [refused] = payload?.userErrors ?? []
    if (refused !== undefined) return `refused ${refused.code}`
    note(payload, made)
    return 'done'
  } catch (error) {
    // A refusal by the server's rules is none of these.
    if (error instanceof Error && /^(fetch failed|terminated|UNAVAILABLE|.*(socket|ECONN).*)/s.test(error.message))
      return 'unknown'
    throw error
  }
}

function note(payload: Payload | undefined, { conversations, messages }: Made): void {
  const { message, conversation } = payload ?? {}
  if (message && !messages.some(({ id }) => id === message.id)) {
    messages.push({ id: message.id, senderId: message.sender.id })
  }
  for (const id of [message?.conversationId, conversation?.id]) {
    if (id !== undefined && !conversations.includes(id)) conversations.push(id)
  }
}

function mutationOf(field: string): string {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input!`
  const shown = /Message$|Failure$/.test(field) ? 'message { id conversationId sender { id } }' : ''
  const conversation = /Conversation$|addMembers|removeMember/.test(field) ? 'conversation { id }' : ''
  return `mutation Do($input: ${type}) { ${field}(input: $input) { userErrors { code } ${shown} ${conversation} } }`
}
