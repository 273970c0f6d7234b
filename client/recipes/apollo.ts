import {
  ApolloClient,
  ApolloLink,
  type FieldMergeFunction,
  gql,
  HttpLink,
  InMemoryCache,
  type Reference,
} from '@apollo/client'
import { SetContextLink } from '@apollo/client/link/context'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { createColloquyClient, createSender, type GetToken } from 'colloquy-client'
import { createApolloLink } from 'colloquy-client/apollo'

const MESSAGE = 'id conversationId seq content version editedAt deletedAt sender { id name }'

/** What a screen asks for. It shows `nodes` from the oldest to the newest; more of them come by fetchMore with `before: pageInfo.startCursor`. */
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

const HEARD = gql`
  fragment Heard on Conversation { messages { nodes { ${MESSAGE} } } }
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

interface Messages {
  readonly nodes: readonly Reference[]
}

/** Pages, and what was heard since, are one list: each message once, in the order of the conversation. */
const mergeMessages: FieldMergeFunction<Messages> = (known, incoming, { readField }) => {
  const seqOf = (message: Reference) => readField<number>('seq', message) ?? 0
  const byRef = new Map([...(known?.nodes ?? []), ...incoming.nodes].map(message => [message.__ref, message]))
  return { ...known, ...incoming, nodes: [...byRef.values()].sort((a, b) => seqOf(a) - seqOf(b)) }
}

export function createChat(host: string, token: GetToken) {
  const socket = createColloquyClient({ url: `ws://${host}/graphql`, token })
  const authorization = async () => `Bearer ${await token('connect')}`
  const client = new ApolloClient({
    cache: new InMemoryCache({
      possibleTypes: {
        StreamEvent: ['MessageSent', 'MessageEdited', 'MessageDeleted', 'AccessRevoked', 'ResyncRequired', 'CaughtUp'],
      },
      typePolicies: {
        Conversation: { fields: { messages: { keyArgs: false, merge: mergeMessages } } },
        Subscription: { fields: { inbox: { merge: false } } },
      },
    }),
    link: ApolloLink.from([
      createApolloLink({ ApolloLink, GraphQLWsLink }, socket),
      new SetContextLink(async () => ({ headers: { authorization: await authorization() } })),
      new HttpLink({ uri: `http://${host}/graphql` }),
    ]),
  })
  const sender = createSender(({ query, variables }) => client.mutate({ mutation: gql(query), variables }), {
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
export async function follow(client: ApolloClient, { onCaughtUp, onError }: Follower, after?: string) {
  const subscription = client
    .subscribe<{ inbox: Event }>({ query: INBOX, variables: { after: after ?? (await readPosition(client)) } })
    .subscribe({
      next({ data, error }) {
        if (error) onError(error)
        if (data?.inbox.__typename === 'CaughtUp') onCaughtUp()
        if (data) take(client, data.inbox)
      },
      error: onError,
    })
  return () => subscription.unsubscribe()
}

async function readPosition(client: ApolloClient): Promise<string | undefined> {
  const { data } = await client.query<{ viewer: { position: string } }>({ query: POSITION, fetchPolicy: 'no-cache' })
  return data?.viewer.position
}

function take(client: ApolloClient, event: Event): void {
  const { cache } = client
  switch (event.__typename) {
    case 'MessageSent': {
      const messages = { __typename: 'MessageConnection', nodes: [event.message] }
      const from = { __typename: 'Conversation', id: event.conversationId }
      cache.writeFragment({ from, fragment: HEARD, data: { __typename: 'Conversation', messages } })
      break
    }
    case 'AccessRevoked':
      cache.evict({ id: `Conversation:${event.conversationId}` })
      cache.gc()
      break
    case 'ResyncRequired':
      // Something was missed for good: what is shown is fetched anew, what is not is forgotten.
      void client.resetStore()
      break
    default:
    // The message of a MessageEdited or MessageDeleted is in the cache already, under its id.
  }
}
