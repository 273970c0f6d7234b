import { SHOWN } from './documents.ts'

/**
 * What a client knows, built from nothing but what the server says to it. It knows the contract and none of the server's code: that is what makes it a check. The
 * equation is "old state + events = state fetched anew", in whatever way the events came.
 */
export interface ConversationState {
  readonly id: string
  readonly kind: string
  readonly title: string | null
  readonly metadata: unknown
  readonly archivedAt: string | null
  readonly members: Readonly<Record<string, MemberState>>
  readonly messages: Readonly<Record<string, MessageState>>
}

export interface MemberState {
  readonly role: string
  readonly joinedAt: string
}

export interface MessageState {
  readonly id: string
  readonly seq: number
  readonly version: number
  readonly content: string | null
  readonly [field: string]: unknown
}

export type State = ReadonlyMap<string, ConversationState>

export interface MemberShown extends MemberState {
  readonly user: { readonly id: string }
}

export type ConversationShown = Omit<ConversationState, 'members' | 'messages'>

/** One item of a durable stream, asked for with `TOLD`. */
export interface Told {
  readonly __typename: string
  readonly position: string
  readonly seq?: number
  readonly conversationId?: string
  readonly conversation?: ConversationShown & { readonly members?: { readonly nodes: readonly MemberShown[] } }
  readonly message?: MessageState
  readonly member?: MemberShown
  readonly user?: { readonly id: string }
}

export const TOLD = /* GraphQL */ `
  ${SHOWN}
  fragment Told on StreamEvent {
    __typename
    position
    ... on ConversationEvent { seq conversationId }
    ... on MessageSent { message { ...MessageShown } }
    ... on MessageEdited { message { ...MessageShown } }
    ... on MessageDeleted { message { ...MessageShown } }
    ... on MemberJoined { member { ...MemberShown } }
    ... on MemberUpdated { member { ...MemberShown } }
    ... on MemberLeft { user { id } }
    ... on ConversationCreated { conversation { ...ConversationShown members(first: 50) { nodes { ...MemberShown } } } }
    ... on ConversationUpdated { conversation { ...ConversationShown } }
    ... on AccessRevoked { conversationId }
  }
`

/** Whether the viewer has come into a conversation whose past was not told: it is to be fetched. */
export function begins(viewerId: string, { __typename, member }: Told): boolean {
  return __typename === 'MemberJoined' && member?.user.id === viewerId
}

/**
 * The state after the event. A client may have fetched a conversation that was ahead of its stream: all of this may be applied again to a state that has it
 * already, and after the last of them the state is that of the log.
 */
export function after(state: State, viewerId: string, told: Told): State {
  const { __typename, conversationId = '', conversation, user } = told
  const before = state.get(conversationId)
  const next = new Map(state)
  if (__typename === 'ConversationCreated' && conversation !== undefined) {
    const { members, ...shown } = conversation
    return next.set(conversationId, { ...shown, members: membersOf(members?.nodes ?? []), messages: {} })
  }
  if (__typename === 'MemberLeft' && user?.id === viewerId) {
    next.delete(conversationId)
    return next
  }
  return before === undefined ? state : next.set(conversationId, changed(before, told))
}

function changed(before: ConversationState, { __typename, conversation, message, member, user }: Told) {
  if (message !== undefined) {
    const known = before.messages[message.id]
    if (known !== undefined && known.version > message.version) return before
    return { ...before, messages: { ...before.messages, [message.id]: message } }
  }
  if (member !== undefined) return { ...before, members: { ...before.members, ...membersOf([member]) } }
  if (__typename === 'MemberLeft' && user !== undefined) {
    const { [user.id]: _, ...members } = before.members
    return { ...before, members }
  }
  if (conversation === undefined) return before
  const { members: _, ...shown } = conversation
  return { ...before, ...shown }
}

export function membersOf(nodes: readonly MemberShown[]): Readonly<Record<string, MemberState>> {
  return Object.fromEntries(nodes.map(({ user, role, joinedAt }) => [user.id, { role, joinedAt }]))
}
