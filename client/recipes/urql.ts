import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core'
import { type Cache, cacheExchange, type Resolver } from '@urql/exchange-graphcache'
import { createColloquyClient, createSender, type GetToken } from 'colloquy-client'
import { createUrqlExchange } from 'colloquy-client/urql'

const MESSAGE = 'id conversationId seq content version editedAt deletedAt sender { id name }'

/** What a screen asks for. It shows `nodes` from the oldest to the newest; the page before comes with `before: pageInfo.startCursor`. */
export const CONVERSATION = gql`
  query Conversation($id: ID!, $before: String) {
    conversation(id: $id) {
      id
      title
      messages(last: 50, before: $before) { nodes { ${MESSAGE} } pageInfo { hasPreviousPage startCursor } }
    }
  }
`

const POSITION = gql`
  query Position { viewer { position } }
`

const INBOX = gql`
  subscription Inbox($after: Position) {
    inbox(after: $after) {
      __typename
      position
      ... on MessageSent { conversationId message { ${MESSAGE} } }
      ... on MessageEdited { conversationId message { ${MESSAGE} } }
      ... on MessageDeleted { conversationId message { ${MESSAGE} } }
      ... on AccessRevoked { conversationId }
    }
  }
`

type Event =
  | {
      __typename: 'MessageSent'
      position: string
      conversationId: string
      message: { __typename: 'Message'; id: string }
    }
  | { __typename: 'MessageEdited' | 'MessageDeleted'; position: string; conversationId: string }
  | { __typename: 'AccessRevoked'; position: string; conversationId: string }
  | { __typename: 'ResyncRequired' | 'CaughtUp'; position: string }

interface Inbox {
  inbox: Event
}

const conversationOf = (id: string) => ({ __typename: 'Conversation', id })

/** A field of the cache's own: the messages of a conversation that were heard of, whether or not a page of it is there yet. */
const HEARD = 'heard'

function refs(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter(ref => typeof ref === 'string') : []
}

/** The newest page, and what was heard since, are one list: each message once, in the order of the conversation. */
const messages: Resolver = (_parent, args, cache, { parentKey }) => {
  const page = cache.resolve(parentKey, 'messages', args)
  if (typeof page !== 'string') return undefined
  const heard = args['before'] ? [] : refs(cache.resolve(parentKey, HEARD))
  const all = new Set([...refs(cache.resolve(page, 'nodes')), ...heard])
  const seqOf = (message: string) => Number(cache.resolve(message, 'seq'))
  const nodes = [...all].sort((a, b) => seqOf(a) - seqOf(b))
  return { __typename: 'MessageConnection', nodes, pageInfo: cache.resolve(page, 'pageInfo') }
}

function take(cache: Cache, event: Event): void {
  switch (event.__typename) {
    case 'MessageSent': {
      const conversation = conversationOf(event.conversationId)
      const heard = refs(cache.resolve(conversation, HEARD))
      cache.link(conversation, HEARD, [...heard, cache.keyOfEntity(event.message)])
      break
    }
    case 'AccessRevoked':
      cache.invalidate(conversationOf(event.conversationId))
      break
    case 'ResyncRequired':
      // Something was missed for good: all is fetched anew when it is shown.
      cache.invalidate('Conversation')
      for (const { fieldKey } of cache.inspectFields('Query')) cache.invalidate('Query', fieldKey)
      break
    default:
    // The message of a MessageEdited or MessageDeleted is in the cache already, under its id.
  }
}

const EVENTS = [
  ...['MessageSent', 'MessageEdited', 'MessageDeleted', 'ConversationCreated', 'ConversationUpdated'],
  ...['MemberJoined', 'MemberLeft', 'MemberUpdated', 'AccessRevoked', 'ResyncRequired', 'CaughtUp'],
]
/** Have no id, and are kept in what they are a part of. */
const PARTS = ['MessageConnection', 'PageInfo', 'Viewer', ...EVENTS]

export function createChat(host: string, token: GetToken) {
  const socket = createColloquyClient({ url: `ws://${host}/graphql`, token })
  const client = new Client({
    url: `http://${host}/graphql`,
    preferGetMethod: false,
    async fetch(input, init) {
      const headers = new Headers(init?.headers)
      headers.set('authorization', `Bearer ${await token('connect')}`)
      return fetch(input, { ...init, headers })
    },
    exchanges: [
      cacheExchange({
        possibleTypes: { StreamEvent: EVENTS },
        keys: Object.fromEntries(PARTS.map(part => [part, () => null])),
        resolvers: { Conversation: { messages } },
        updates: {
          Subscription: {
            inbox(result: Partial<Inbox>, _args, cache) {
              if (result.inbox) take(cache, result.inbox)
            },
          },
        },
      }),
      createUrqlExchange({ subscriptionExchange }, socket),
      fetchExchange,
    ],
  })
  const sender = createSender(({ query, variables }) => client.mutation(query, variables).toPromise(), {
    fields: MESSAGE,
  })
  return { client, socket, sender }
}

export interface Follower {
  /** All that was missed has been said: what is shown is how it is. */
  onCaughtUp(): void
  /** The server refuses to go on. */
  onError(reason: unknown): void
}

/**
 * Keeps the cache as the server has it, from `after` on: the `position` of an event that was taken before, else now. Await it before the first query: what a
 * query shows is then never older than what is followed. The returned function stops.
 */
export async function follow(client: Client, { onCaughtUp, onError }: Follower, after?: string) {
  const { unsubscribe } = client
    .subscription<Inbox>(INBOX, { after: after ?? (await readPosition(client)) })
    .subscribe(({ data, error }) => {
      if (error) onError(error)
      if (data?.inbox.__typename === 'CaughtUp') onCaughtUp()
    })
  return unsubscribe
}

async function readPosition(client: Client): Promise<string | undefined> {
  const asked = client.query<{ viewer: { position: string } }>(POSITION, {}, { requestPolicy: 'network-only' })
  const { data, error } = await asked.toPromise()
  if (error) throw error
  return data?.viewer.position
}
