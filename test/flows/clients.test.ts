import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { createClient as createUrqlClient, fetchExchange, subscriptionExchange } from '@urql/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listen } from '../support/listening.ts'
import { type Person, startTestServer, type TestServer } from '../support/server.ts'

const INBOX = /* GraphQL */ `
  subscription Inbox {
    inbox {
      __typename
      position
      ... on MessageSent { message { id content sender { id name } } }
    }
  }
`

const SEND = /* GraphQL */ `
  mutation Send($to: ID!, $content: String!, $key: String!) {
    sendDirectMessage(input: { userIds: [$to], content: $content, clientMessageId: $key }) {
      message { id content }
      userErrors { code }
    }
  }
`

/** What Apollo's cache must be told of the interfaces, to match fragments on the events. */
const POSSIBLE_TYPES = { StreamEvent: ['CaughtUp', 'ConversationCreated', 'MessageSent'] }

interface Inbox {
  readonly inbox: { readonly __typename: string; readonly message?: { readonly id: string; readonly content: string } }
}

interface Sent {
  readonly sendDirectMessage: { readonly message: { readonly id: string; readonly content: string } }
}

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

/** Two people who have both been seen by the server, in a tenant of the test's own. */
async function pair(tenantId: string): Promise<readonly [Person, Person]> {
  const alice = await server.person('alice', { tenantId, name: 'Alice' })
  const bob = await server.person('bob', { tenantId, name: 'Bob' })
  await Promise.all([alice.ask('{ viewer { tenantId } }'), bob.ask('{ viewer { tenantId } }')])
  return [alice, bob]
}

test('graphql-ws sends and subscribes over one socket', async () => {
  const [alice, bob] = await pair('with-graphql-ws')
  const inbox = listen<Inbox>(bob.socket(), INBOX)
  await inbox.first(data => data.inbox.__typename === 'CaughtUp')
  const sending = alice.socket().iterate<Sent>({ query: SEND, variables: { to: 'bob', content: 'over ws', key: '1' } })
  const { value } = await sending.next()
  const sent = value?.data?.sendDirectMessage.message
  expect(sent?.content).toBe('over ws')
  const { inbox: event } = await inbox.first(data => data.inbox.message?.id === sent?.id)
  expect(event).toMatchObject({ message: { content: 'over ws', sender: { id: 'alice', name: 'Alice' } } })
})

test('Apollo Client sends over HTTP and subscribes over a socket', async () => {
  const [alice, bob] = await pair('with-apollo')
  const clientOf = (person: Person) =>
    new ApolloClient({
      cache: new InMemoryCache({ possibleTypes: POSSIBLE_TYPES }),
      link: ApolloLink.split(
        ({ operationType }) => operationType === 'subscription',
        new GraphQLWsLink(person.socket()),
        new HttpLink({ uri: server.url.href, headers: { authorization: `Bearer ${person.token}` } }),
      ),
    })
  const arrived = Promise.withResolvers<Inbox['inbox']>()
  const listening = Promise.withResolvers<void>()
  const subscription = clientOf(bob)
    .subscribe<Inbox>({ query: gql(INBOX) })
    .subscribe({
      next({ data, error }) {
        if (error) arrived.reject(error)
        if (data?.inbox.__typename === 'CaughtUp') listening.resolve()
        if (data?.inbox.message) arrived.resolve(data.inbox)
      },
      error: arrived.reject,
    })
  await listening.promise
  const apollo = clientOf(alice)
  const variables = { to: 'bob', content: 'over Apollo', key: '1' }
  const { data } = await apollo.mutate<Sent>({ mutation: gql(SEND), variables })
  expect((await arrived.promise).message).toMatchObject(data?.sendDirectMessage.message ?? { id: 'no data' })
  subscription.unsubscribe()
  apollo.stop()
})

test('urql sends over HTTP and subscribes over a socket', async () => {
  const [alice, bob] = await pair('with-urql')
  const clientOf = (person: Person) => {
    const socket = person.socket()
    return createUrqlClient({
      url: server.url.href,
      preferGetMethod: false,
      fetchOptions: { headers: { authorization: `Bearer ${person.token}` } },
      exchanges: [
        fetchExchange,
        subscriptionExchange({
          forwardSubscription: ({ query = '', variables }) => ({
            subscribe: sink => ({
              unsubscribe: socket.subscribe(
                { query, ...(variables && { variables }) },
                {
                  ...sink,
                  next: ({ data = null, errors }) => sink.next({ data, ...(errors && { errors: [...errors] }) }),
                },
              ),
            }),
          }),
        }),
      ],
    })
  }
  const arrived = Promise.withResolvers<Inbox['inbox']>()
  const listening = Promise.withResolvers<void>()
  const { unsubscribe } = clientOf(bob)
    .subscription<Inbox>(INBOX, {})
    .subscribe(({ data, error }) => {
      if (error) arrived.reject(error)
      if (data?.inbox.__typename === 'CaughtUp') listening.resolve()
      if (data?.inbox.message) arrived.resolve(data.inbox)
    })
  await listening.promise
  const variables = { to: 'bob', content: 'over urql', key: '1' }
  const { data } = await clientOf(alice).mutation<Sent>(SEND, variables).toPromise()
  expect((await arrived.promise).message).toMatchObject(data?.sendDirectMessage.message ?? { id: 'no data' })
  unsubscribe()
})
