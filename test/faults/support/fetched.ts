import { type Actor, insist } from './actor.ts'
import { SHOWN } from './documents.ts'
import {
  type ConversationShown,
  type ConversationState,
  type MemberShown,
  type MessageState,
  membersOf,
  type State,
} from './state.ts'

const LIST = /* GraphQL */ `
  query List { viewer { position } conversations(first: 100) { nodes { id } pageInfo { hasNextPage } } }
`
const CONVERSATION = /* GraphQL */ `
  ${SHOWN}
  query Fetch($id: ID!, $before: String) {
    conversation(id: $id) {
      ...ConversationShown
      memberCount
      unreadCount
      lastMessage { id }
      viewerMembership { lastReadSeq }
      members(first: 100) { nodes { ...MemberShown } }
      messages(last: 50, before: $before) { nodes { ...MessageShown } pageInfo { hasPreviousPage startCursor } }
    }
  }
`

interface List {
  readonly viewer: { readonly position: string }
  readonly conversations: {
    readonly nodes: readonly { readonly id: string }[]
    readonly pageInfo: { readonly hasNextPage: boolean }
  }
}

interface Page {
  readonly conversation:
    | (ConversationShown & {
        readonly memberCount: number
        readonly unreadCount: number
        readonly lastMessage: { readonly id: string } | null
        readonly viewerMembership: { readonly lastReadSeq: number } | null
        readonly members: { readonly nodes: readonly MemberShown[] }
        readonly messages: {
          readonly nodes: readonly MessageState[]
          readonly pageInfo: { readonly hasPreviousPage: boolean; readonly startCursor: string | null }
        }
      })
    | null
}

/** All that the viewer may see, fetched anew, and a position from which a stream misses nothing of what changes after it. */
export async function fetchState(actor: Actor): Promise<{ readonly position: string; readonly state: State }> {
  const { viewer, conversations } = await insist(() => actor.ask<List>(LIST))
  if (conversations.pageInfo.hasNextPage) throw new Error('The scenario has more conversations than one page.')
  const fetched = await Promise.all(conversations.nodes.map(({ id }) => fetchConversation(actor, id)))
  const state = new Map(fetched.flatMap(found => (found === undefined ? [] : [[found.state.id, found.state] as const])))
  return { position: viewer.position, state }
}

export interface Fetched {
  readonly state: ConversationState
  /** What the server counted and what there is to count: equal while nothing happens. */
  readonly counted: readonly [said: object, seen: object]
}

/** Undefined for one that the viewer is no member of. */
export async function fetchConversation(actor: Actor, id: string): Promise<Fetched | undefined> {
  const messages: MessageState[] = []
  for (let before: string | null = null; ; ) {
    const variables: object = { id, before }
    const { conversation } = await insist(() => actor.ask<Page>(CONVERSATION, variables))
    if (!conversation?.viewerMembership) return undefined
    const { memberCount, unreadCount, lastMessage, viewerMembership, members, messages: page, ...shown } = conversation
    messages.unshift(...page.nodes)
    before = page.pageInfo.startCursor
    if (page.pageInfo.hasPreviousPage) continue
    const { lastReadSeq } = viewerMembership
    const unread = messages.filter(
      ({ seq, deletedAt, sender }) => seq > lastReadSeq && deletedAt === null && idOf(sender) !== actor.id,
    )
    return {
      state: {
        ...shown,
        members: membersOf(members.nodes),
        messages: Object.fromEntries(messages.map(message => [message.id, message])),
      },
      counted: [
        { memberCount, unreadCount, lastMessage: lastMessage?.id },
        { memberCount: members.nodes.length, unreadCount: unread.length, lastMessage: messages.at(-1)?.id },
      ],
    }
  }
}

function idOf(thing: unknown): unknown {
  return typeof thing === 'object' && thing !== null && 'id' in thing ? thing.id : undefined
}
